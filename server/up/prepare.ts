/** Builds what the server needs and is not built yet: the pages, the server bundle, the two guest images. */
import { existsSync } from 'node:fs';
import { readConfig } from '../config';
import { buildApp } from './build-app';
import { buildGuests } from './build-guests';

const config = readConfig(process.env);
await buildApp();
if (!process.argv.includes('--app-only')) await buildGuests(config.guestsDir);
if (!existsSync('dist/main.mjs'))
  throw new Error('The server bundle dist/main.mjs is missing after the build.');
