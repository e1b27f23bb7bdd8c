import { setTimeout as sleep } from "node:timers/promises";
import { queryObjects, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a process holds. */
export interface Holdings {
  heapMB: number;
  timers: number;
  /** Connections and listening sockets. */
  sockets: number;
  /** Listeners of the process itself. */
  listeners: number;
  /** Signals that are alive, and with them whoever listens to them. */
  signals: number;
}

/** By how much more a process may hold at the end than at the start. */
const bounds: Holdings = { heapMB: 12, timers: 0, sockets: 0, listeners: 0, signals: 4 };

/** What is held now. Waits until what was closed is gone, but not for ever. */
export async function holdings(): Promise<Holdings> {
  await soon(() => countOf(/^TCP/) === 0);
  let signals = Infinity;
  // Signals of `AbortSignal.timeout` live until their time is up: that of our cancellations is two seconds. Counting
  // collects the garbage, and takes up to a second.
  await soon(() => (signals = queryObjects(AbortSignal, { format: "count" })) === 0, 1000);
  return {
    heapMB: process.memoryUsage().heapUsed / 2 ** 20,
    timers: countOf(/^Timeout$/),
    sockets: countOf(/^TCP/),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    signals,
  };
}

function countOf(pattern: RegExp): number {
  return process.getActiveResourcesInfo().filter((name) => pattern.test(name)).length;
}

/** Whether it holds within five seconds. */
export async function soon(holds: () => boolean, everyMs = 20): Promise<boolean> {
  for (let waited = 0; waited < 5000; waited += everyMs) {
    if (holds()) return true;
    // oxlint-disable-next-line no-await-in-loop -- it is waited for
    await sleep(everyMs);
  }
  return false;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** How many of some objects are alive when the garbage was collected. */
export function aliveOf(objects: readonly WeakRef<object>[]): number {
  collect();
  return objects.filter((object) => object.deref() !== undefined).length;
}

/** What the second holds too much, compared with the first. */
export function leaks(before: Holdings, after: Holdings): string[] {
  return (Object.keys(bounds) as (keyof Holdings)[])
    .filter((name) => after[name] > before[name] + bounds[name])
    .map(
      (name) =>
        `after the last run, ${name}: ${before[name].toFixed(0)} before, ${after[name].toFixed(0)} after, ${bounds[name]} more are allowed`,
    );
}
