import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { runStep } from './run-step';

const sources = ['app', 'components', 'messages', 'server', 'types'];
const single = ['package-lock.json', 'next.config.ts', 'tsconfig.json', 'postcss.config.mjs'];

/**
 * Builds the pages with Next and the server with esbuild, unless nothing they are made of has changed since.
 *
 * @throws Error with the tool's last lines when a build fails
 */
export async function buildApp(): Promise<void> {
  const nextDir = process.env.EDGEYARD_NEXT_DIR ?? '.next';
  const stamp = `${nextDir}/edgeyard-sources`;
  const now = sourcesHash();
  if (readIfThere(stamp) === now && readIfThere('dist/main.mjs') !== undefined) return;
  await runStep('Building the pages', 'node_modules/.bin/next', ['build'], {
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
  });
  await bundleServer();
  mkdirSync(nextDir, { recursive: true });
  writeFileSync(stamp, now);
}

/** Bundles the server's own files; packages stay where npm put them. */
async function bundleServer(): Promise<void> {
  await build({
    entryPoints: ['server/main.ts'],
    outfile: 'dist/main.mjs',
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  });
}

function sourcesHash(): string {
  const hash = createHash('sha256').update(process.version);
  const files = sources.flatMap((folder) => listFiles(folder)).sort();
  for (const file of [...single, ...files]) hash.update(file).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
