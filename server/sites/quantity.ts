/** Kubernetes' numbers: kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity. */
const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * The number a quantity stands for, for example 0.25 for `250m` and 1024 for `1Ki`.
 *
 * @param text as the API has it; absent counts as nothing asked for
 * @returns cores or bytes; 0 for what is no quantity
 */
export function amountOf(text: string | number | undefined): number {
  if (typeof text === 'number') return text;
  // The exponent before the suffix: `1E3` is a thousand, `1E` an exa.
  const found = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([A-Za-z]{0,2})$/.exec(text?.trim() ?? '');
  const factor = factors[found?.[2] ?? ''];
  const number = Number(found?.[1] ?? 0) * (factor ?? 0);
  return Number.isFinite(number) ? number : 0;
}
