import type { Finding, Severity } from '../schemas';

/** How much each rule weighs. The texts are `packages.rules.<rule>`. */
const severityOf = {
  wrappingFolder: 'note',
  manifestMissing: 'error',
  manifestKeyMissing: 'warning',
  algorithmUnknown: 'error',
  hashMismatch: 'error',
  sourceMissing: 'error',
  fileUnlisted: 'warning',
  signatureUnchecked: 'note',
  metaMissing: 'error',
  metaKeyMissing: 'warning',
  entryMissing: 'error',
  nameMissing: 'warning',
  manifestUnnamed: 'note',
  descriptorMissing: 'error',
  descriptorUnreadable: 'error',
  yamlInvalid: 'error',
  yamlDoubtful: 'warning',
  importMissing: 'warning',
  unknownFunction: 'warning',
  bindingUnknown: 'warning',
  linkUnknown: 'warning',
  imageUnknown: 'error',
  noCompute: 'warning',
  imagesMissing: 'warning',
  imagesInvalid: 'error',
  checksumConstant: 'warning',
  imageFileMissing: 'error',
  imageOutside: 'note',
} as const satisfies Record<string, Severity>;

export type Rule = keyof typeof severityOf;

/** Every rule the lint knows. */
export const rules = Object.keys(severityOf) as Rule[];

const order: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

/** Gathers what a look into a package found. */
export class Findings {
  readonly #list: Finding[] = [];

  /**
   * @param rule what was broken
   * @param file path in the package; empty for the package as a whole
   * @param line from 1; undefined where no line is meant
   * @param params values for the text
   */
  add(rule: Rule, file: string, line?: number, params: Finding['params'] = {}): void {
    this.#list.push({ severity: severityOf[rule], file, line: line ?? null, rule, params });
  }

  /** What was found, errors first; at most 500 remarks, because nobody reads more. */
  list(): Finding[] {
    return this.#list
      .toSorted(
        (a, b) =>
          order[a.severity] - order[b.severity] ||
          a.file.localeCompare(b.file, 'en') ||
          (a.line ?? 0) - (b.line ?? 0),
      )
      .slice(0, 500);
  }
}
