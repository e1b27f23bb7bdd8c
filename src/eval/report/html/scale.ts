/** Where a value stands on an axis, and which values are written there. */
export interface Scale {
  readonly ticks: readonly number[];
  /** In pixels. Values outside the axis stand at its end. */
  at(value: number): number;
}

/** An axis from `low` to `high` in round numbers, drawn from the pixel `from` to the pixel `to`. */
export function linearScale(low: number, high: number, from: number, to: number): Scale {
  const step = roundStep((high - low || 1) / 5);
  const first = Math.floor(low / step);
  const count = Math.max(1, Math.ceil(high / step) - first);
  const ticks = Array.from({ length: count + 1 }, (_, i) => (first + i) * step);
  return { ticks, at: placeBetween(first * step, (first + count) * step, from, to) };
}

/** An axis of ratios: equal distances are equal factors. It always has 1 in it. */
export function ratioScale(ratios: readonly number[], from: number, to: number): Scale {
  const reach = ratios.reduce((most, ratio) => Math.max(most, Math.abs(Math.log2(ratio))), 0.5);
  const steps = Math.min(20, Math.ceil(reach));
  const stride = Math.ceil(steps / 4);
  const exponents = Array.from({ length: 2 * steps + 1 }, (_, i) => i - steps);
  const place = placeBetween(-steps, steps, from, to);
  return {
    ticks: exponents.filter((exponent) => exponent % stride === 0).map((exponent) => 2 ** exponent),
    at: (ratio) => place(Math.log2(ratio)),
  };
}

function placeBetween(low: number, high: number, from: number, to: number): (value: number) => number {
  return (value) => {
    const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return Math.round((from + share * (to - from)) * 10) / 10;
  };
}

/** 1, 2 or 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = rough / power;
  return (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power;
}
