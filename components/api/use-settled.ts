import { useEffect, useState } from 'react';

/**
 * A value as it was when it last stood still, so that nothing is asked at every key press.
 *
 * @param rest milliseconds without a change
 */
export function useSettled<T>(value: T, rest: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), rest);
    return () => clearTimeout(timer);
  }, [value, rest]);
  return settled;
}
