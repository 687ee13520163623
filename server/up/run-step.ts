import { spawn } from 'node:child_process';

/**
 * Runs a long command and shows that it lives: its name, the seconds, and its newest line when the output is a
 * terminal. The whole output is printed when it fails.
 *
 * @param title what people are told is going on
 * @param command program to run
 * @param args its arguments
 * @param environment variables added to those of this process
 * @throws Error when the program ends with another code than 0
 */
export async function runStep(
  title: string,
  command: string,
  args: string[],
  environment: Record<string, string> = {},
): Promise<void> {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  const child = spawn(command, args, {
    // The types of Next make NODE_ENV a required key of process.env.
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let line = '';
  const show = () => {
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K▸ ${title} … ${seconds()}  ${line.slice(0, 60)}`);
  };
  const read = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-64 * 1024);
    line = output.trimEnd().split('\n').at(-1) ?? '';
    show();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  // A step that finds nothing to do says nothing.
  let told = process.stdout.isTTY;
  const ticker = setInterval(() => {
    if (!told) process.stdout.write(`▸ ${title} …\n`);
    told = true;
    show();
  }, 1000);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => {
    clearInterval(ticker);
  });
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  if (code !== 0) {
    process.stdout.write(output);
    throw new Error(`${title}: ${command} ended with code ${code}`);
  }
  if (output !== '') process.stdout.write(`✓ ${title}, ${seconds()}\n`);
}
