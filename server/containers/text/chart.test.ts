import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packChart, readChart } from './chart';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const files = [
  { path: 'Chart.yaml', base64: base64('apiVersion: v2\nname: web\nversion: 1.0.0\n') },
  { path: 'templates/deployment.yaml', base64: base64('kind: Deployment\n') },
  { path: `templates/${'long/'.repeat(25)}x.yaml`, base64: base64('a: 1\n') },
];
const refusal = (rule: string) => expect.objectContaining({ key: `containers.chart.${rule}` }) as Error;

describe('charts', () => {
  it('are packed to the same bytes whatever the order, and read back', async () => {
    const packed = packChart(files);
    expect(packChart(files.toReversed()).equals(packed)).toBe(true);
    expect(await readChart(packed)).toEqual(files.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
  });

  it('are refused when they are none', async () => {
    await expect(readChart(Buffer.from('no tgz'))).rejects.toThrow(refusal('notTgz'));
    // 32 MiB of zeros take 32 KiB: more than a chart may unpack to.
    await expect(readChart(gzipSync(Buffer.alloc(32 * 2 ** 20)))).rejects.toThrow(refusal('notTgz'));
    const noName = [{ path: 'Chart.yaml', base64: base64('version: 1\n') }];
    expect(() => packChart(noName)).toThrow(refusal('badChartYaml'));
    expect(() => packChart([...files, { path: 'p'.repeat(300), base64: '' }])).toThrow(refusal('badPath'));
  });
});
