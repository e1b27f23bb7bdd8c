import { commonPrefix } from "./prefix-cache.ts";
import type { Cache, CacheEntry } from "./prefix-cache.ts";

interface Slot {
  index: number;
  holds: readonly number[];
  busy: boolean;
  /** When it was last taken, as a count. */
  taken: number;
}

/** The part of a prompt that must agree with a slot's last call for it to be put into that slot. */
const similarity = 0.1;

/** The cache of llama.cpp. Each slot holds what it ran last, so siblings that run side by side share nothing. */
export class Slots implements Cache {
  readonly #slots: Slot[];
  readonly #waiting: (() => void)[] = [];
  #takes = 0;

  constructor(count: number) {
    this.#slots = Array.from({ length: count }, (_, index) => ({ index, holds: [], busy: false, taken: 0 }));
  }

  begin(prompt: readonly number[]): CacheEntry & { slot: number } {
    let slot: Slot | undefined;
    const entry = {
      hit: 0,
      slot: 0,
      ready: Promise.resolve(),
      computed: (sequence: readonly number[]): void => {
        if (slot !== undefined) slot.holds = sequence;
      },
      release: (): void => {
        if (slot?.busy !== true) return;
        slot.busy = false;
        this.#waiting.shift()?.();
      },
    };
    const take = (): void => {
      slot = this.#choose(prompt);
      if (slot === undefined) return;
      slot.busy = true;
      slot.taken = ++this.#takes;
      entry.slot = slot.index;
      entry.hit = Math.min(commonPrefix(slot.holds, prompt), prompt.length - 1);
    };
    take();
    if (slot === undefined) entry.ready = new Promise<void>((resolve) => this.#waiting.push(resolve)).then(take);
    return entry;
  }

  #choose(prompt: readonly number[]): Slot | undefined {
    const idle = this.#slots.filter(({ busy }) => !busy);
    const shared = ({ holds }: Slot): number => commonPrefix(holds, prompt) / prompt.length;
    const [best] = idle.toSorted((a, b) => shared(b) - shared(a));
    if (best !== undefined && shared(best) > similarity) return best;
    return idle.toSorted((a, b) => a.taken - b.taken)[0];
  }
}
