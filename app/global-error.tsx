'use client';

// Stands outside every layout and provider, so it has neither the reader's language nor the theme.
export default function GlobalError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <html lang="en">
      <body
        style={{
          fontFamily: 'system-ui, sans-serif',
          margin: '20vh auto',
          maxWidth: '32rem',
          padding: '0 1rem',
        }}
      >
        <h1>Edgeyard could not draw this page · 页面无法显示</h1>
        <p>The server wrote down what happened. 服务器已记录问题。 {error.digest}</p>
        <button type="button" onClick={reset}>
          Try again · 重试
        </button>
      </body>
    </html>
  );
}
