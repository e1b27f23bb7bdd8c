import type { Story } from "./paced-engine.ts";

/** A run, and the step in which it begins. */
export interface Arrival {
  readonly story: Story;
  readonly step: number;
}

/** Numbers from 0 to below 1 that follow from a seed (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Most calls are short, some are several times as long. */
function storyOf(chance: () => number, rounds: number, threads: number): Story {
  const between = (least: number, most: number): number => least + Math.floor(chance() ** 3 * (most - least));
  return {
    rounds: Array.from({ length: rounds }, () => ({
      main: between(60, 120),
      threads: Array.from({ length: threads }, () => between(40, 240)),
    })),
    end: between(20, 120),
  };
}

/** Runs that all begin at once. */
export function atOnce(count: number, rounds: number, threads = 8): Arrival[] {
  const chance = chanceOf(1);
  return Array.from({ length: count }, () => ({ story: storyOf(chance, rounds, threads), step: 0 }));
}

/** Runs that come one by one, one in ten of them long: as much work as the slots can do, in the long run. */
export function mixed(count: number, slots: number): Arrival[] {
  const chance = chanceOf(2);
  let step = 0;
  return Array.from({ length: count }, () => {
    const story = chance() < 0.1 ? storyOf(chance, 8, 8) : storyOf(chance, 1, 2 + Math.floor(chance() * 3));
    const arrival = { story, step };
    step += (-Math.log(1 - chance()) * 1000) / slots;
    return arrival;
  });
}

/** 256 long runs, and a short one that comes later. */
export function shortAfterLong(step: number): Arrival[] {
  return [...atOnce(256, 4), { story: storyOf(chanceOf(3), 1, 2), step }];
}

export function tokensOf({ rounds, end }: Story): number[] {
  return [...rounds.flatMap(({ main, threads }) => [main, ...threads]), end];
}
