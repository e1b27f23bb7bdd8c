import pLimit from "p-limit";
import { Slots, type Slot } from "../../src/run/calls/slots/slots.ts";
import { alternate, report } from "../measure.ts";

const slots = 64;
const cycles = 2000;

/** Many calls come to wait; then one ends and another one asks, again and again. */
export async function costOfASlot(): Promise<void> {
  const ms = await alternate({ few: () => own(100), many: () => own(10_000), bare: () => bare(10_000) });
  const each = (name: string, waiting: number): string =>
    `${(((ms[name] ?? 0) * 1000) / (waiting + cycles)).toFixed(2)} us`;
  const others = `100 waiting: ${each("few", 100)}; p-limit: ${each("bare", 10_000)}`;
  report("slots: a call asks, waits and ends, 10,000 waiting", each("many", 10_000), others);
}

async function own(waiting: number): Promise<void> {
  const all = new Slots(slots);
  const runs = Array.from({ length: waiting / 10 }, () => all.enter());
  const held: Slot[] = [];
  let n = 0;
  const ask = (): void => {
    n += 1;
    const claim = { goesOn: n % 9 === 0, depth: n % 3, mayWrite: 100 * (n % 7) };
    const slot = runs[n % runs.length]?.ask(claim, () => void (slot !== undefined && held.push(slot)));
  };
  for (let i = 0; i < waiting + slots; i += 1) ask();
  for (let i = 0; i < cycles; i += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await Promise.resolve();
    held.pop()?.release();
    ask();
  }
}

async function bare(waiting: number): Promise<void> {
  const limit = pLimit(slots);
  const held: (() => void)[] = [];
  const ask = (): void => void limit(() => new Promise<void>((resolve) => void held.push(resolve)));
  for (let i = 0; i < waiting + slots; i += 1) ask();
  for (let i = 0; i < cycles; i += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await Promise.resolve();
    held.pop()?.();
    ask();
  }
}
