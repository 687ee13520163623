// PostCSS requires its configuration as the default export.
export default { plugins: { '@tailwindcss/postcss': {} } };
