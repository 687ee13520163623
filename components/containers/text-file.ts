import { maxChartBytes, maxTextBytes, type TextContent } from '@/server/containers/schemas';
import { base64Of } from '../ui/base64-of';

/** Why a file cannot be a deployment text, or what is sent for it. */
export type TextFile =
  { content: TextContent } | { refused: 'badFile' } | { refused: 'tooLarge'; limit: number };

/**
 * Reads a file that somebody gave as the deployment text.
 *
 * @returns manifests for YAML and JSON, a chart for a packed one
 */
export async function readTextFile(file: File): Promise<TextFile> {
  if (/\.(?:ya?ml|json)$/i.test(file.name)) {
    if (file.size > maxTextBytes) return { refused: 'tooLarge', limit: maxTextBytes };
    return { content: { kind: 'manifests', text: await file.text() } };
  }
  if (!/\.(?:tgz|tar\.gz)$/i.test(file.name)) return { refused: 'badFile' };
  if (file.size > maxChartBytes) return { refused: 'tooLarge', limit: maxChartBytes };
  return { content: { kind: 'chart', fileName: file.name, archive: await base64Of(file) } };
}
