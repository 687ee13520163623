import { deserialize, serialize, type SuperJSONResult } from 'superjson';

/** Deeper than any answer; what refers to itself has no end. */
const deepest = 64;

/**
 * What answers and questions travel as: superjson's form. What is plain JSON anyway is not walked through by superjson,
 * which takes most of a second for the cells of a big distribution and lets the server do nothing else meanwhile.
 */
export const transformer = {
  serialize: (value: unknown): SuperJSONResult =>
    isPlain(value, deepest) ? { json: value } : serialize(value),
  deserialize: (sent: SuperJSONResult): unknown => (sent.meta === undefined ? sent.json : deserialize(sent)),
};

/** Whether JSON says all there is in a value. */
function isPlain(value: unknown, depth: number): value is SuperJSONResult['json'] {
  if (value === null) return true;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      return depth > 0 && isPlainObject(value, depth - 1);
    default:
      return false;
  }
}

function isPlainObject(value: object, depth: number): boolean {
  if (Array.isArray(value)) return value.every((each) => isPlain(each, depth));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((each) => isPlain(each, depth));
}
