/** What a server's boot has reached, read in its serial log, over restarts that the log alone tells of. */
import { phaseDetector } from '../boot-phases';
import type { BootPhase } from '../site';

export type Boot = { phase: BootPhase; at: number }[];

/** Each stands once in the log of a boot: a second one is another boot. */
const beginnings: { phase: BootPhase; sign: RegExp }[] = [
  { phase: 'firmware', sign: /SeaBIOS \(version|UEFI firmware/ },
  { phase: 'kernel', sign: /\[ {4}0\.000000\] Linux version \d/ },
];

const longestLine = 256;

/** Reads the text of one server's log as it comes. */
export class BootReader {
  private phases: Boot = [];
  private detect = phaseDetector();
  /** Which beginnings this boot has shown. */
  private readonly begun = new Set<BootPhase>();
  /** The line that has not ended yet. */
  private line = '';
  private begunAt: number | undefined;

  /** @param now milliseconds since 1970 */
  constructor(private readonly now: () => number) {}

  /** Takes what is new in the log, in pieces of any size. */
  take(text: string): void {
    // A line at a time, for a log read for the first time may hold several boots.
    for (const piece of text.split(/(?<=\n)/)) {
      const line = (this.line + piece).slice(-longestLine);
      const begun = beginnings
        .map(({ phase, sign }) => ({ phase, at: line.search(sign) }))
        .find(({ at }) => at >= 0);
      const again = begun !== undefined && this.begun.has(begun.phase);
      if (again) this.restart();
      if (begun) this.begun.add(begun.phase);
      const fresh = again ? line.slice(begun.at) : piece;
      for (const phase of this.detect(fresh)) this.phases.push({ phase, at: this.now() });
      // A sign that was found is not to be found again when its line goes on.
      this.line = begun !== undefined || piece.endsWith('\n') ? '' : line;
    }
  }

  /** The log began anew. */
  restart(): void {
    this.phases = [];
    this.begun.clear();
    this.detect = phaseDetector();
  }

  /**
   * What the boot has reached.
   *
   * @param begunAt when it began, milliseconds since 1970; what an earlier one reached is dropped
   */
  since(begunAt: number): Boot {
    const known = this.begunAt;
    this.begunAt = begunAt;
    // The log may have told of the restart before nova did.
    if (known !== undefined && known !== begunAt && this.phases.some(({ at }) => at < begunAt))
      this.restart();
    return [...this.phases];
  }
}
