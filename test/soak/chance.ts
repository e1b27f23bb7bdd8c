import { chanceFrom, type Chance } from "../core/drive.ts";

/** The chance of one run: a function of the soak's seed and of the run's number, so that a run can be played alone. */
export function chanceOf(seed: number, index: number): Chance {
  return chanceFrom(Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(index + 1, 0xc2b2_ae35));
}

/** One of a list. */
export function oneOf<T>(chance: Chance, list: readonly T[]): T {
  const one = list[chance(list.length)];
  if (one === undefined) throw new RangeError("there is nothing to choose from");
  return one;
}

/** One of a table, each as often as its weight says. */
export function weighted<K extends string>(chance: Chance, weights: Readonly<Record<K, number>>): K {
  const names = Object.keys(weights) as K[];
  let left = chance(names.reduce((sum, name) => sum + weights[name], 0));
  return names.find((name) => (left -= weights[name]) < 0) ?? oneOf(chance, names);
}
