import { defineConfig } from 'drizzle-kit';

// drizzle-kit requires its configuration as the default export.
export default defineConfig({ dialect: 'sqlite', schema: './server/**/tables.ts', out: './drizzle' });
