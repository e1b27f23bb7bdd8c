/** The part of the axis that is shown. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Shows a part that is smaller or larger by this factor, around the same place. */
export function zoomed({ from, to }: Window, factor: number, end: number, around = (from + to) / 2): Window {
  const length = Math.min(end, Math.max((to - from) / factor, end / 1e6));
  const share = to === from ? 0.5 : (around - from) / (to - from);
  return inside(around - share * length, length, end);
}

/** Moves by this share of what is shown. */
export function moved({ from, to }: Window, share: number, end: number): Window {
  return inside(from + share * (to - from), to - from, end);
}

function inside(from: number, length: number, end: number): Window {
  const begin = Math.min(Math.max(0, from), end - length);
  return { from: begin, to: begin + length };
}
