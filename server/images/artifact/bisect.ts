/**
 * Number of the first of some sorted things that fits; those before it do not, all behind it do.
 *
 * @param count how many there are; returned when none fits
 */
export function firstThat(count: number, fits: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
