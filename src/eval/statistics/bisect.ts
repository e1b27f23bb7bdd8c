/** Where a condition stops to hold that holds from `low` up to there; as near as doubles come. */
export function bisect(low: number, high: number, holds: (x: number) => boolean): number {
  let [below, above] = [low, high];
  for (let i = 0; i < 200; i += 1) {
    const middle = (below + above) / 2;
    if (middle === below || middle === above) break;
    if (holds(middle)) below = middle;
    else above = middle;
  }
  return (below + above) / 2;
}
