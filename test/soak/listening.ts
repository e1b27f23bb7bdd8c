import { setImmediate as turn } from "node:timers/promises";
import type { RunEvent } from "../../src/run/events.ts";
import type { Run } from "../../src/run/run.ts";
import type { Scenario } from "./scenario.ts";
import type { Told } from "./told-check.ts";

/** Listens to a run as its scenario says. Resolves when nothing more is told. */
export async function listen(run: Run, { listener, lossAfter: after }: Scenario): Promise<Told> {
  const told = { events: undefined, chunks: undefined };
  if (listener === "late" || listener === "lateText") for (let n = 0; n < after; n += 1) await turn();
  if (listener === "events" || listener === "late") return { ...told, events: await all(run.events()) };
  if (listener === "text" || listener === "lateText") return { ...told, chunks: await all(run.textStream) };
  if (listener === "leaves") await someOf(run.events(), after);
  return told;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const came: T[] = [];
  try {
    for await (const item of items) came.push(item);
  } catch {
    // the error of the run, which its result has too
  }
  return came;
}

async function someOf(events: AsyncIterable<RunEvent>, most: number): Promise<void> {
  let heard = 0;
  try {
    for await (const _ of events) if ((heard += 1) > most) return;
  } catch {
    // as above
  }
}
