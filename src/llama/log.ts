import { setImmediate } from "node:timers/promises";
import type { Llama } from "node-llama-cpp";

/** What llama.cpp complains of while something is loaded. */
let complaints: string[] | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Most complaints that are kept: the first of them says what is wrong. */
const enough = 8;

/** A line of llama.cpp's log. Nothing is ever printed: a line that comes while nothing is loaded is dropped. */
export function hear(message: string): void {
  if (complaints !== undefined && complaints.length < enough) complaints.push(message.trim());
}

/**
 * Has `load` do its work, and gives it what llama.cpp complains of meanwhile. There is one log for the whole process, so
 * one load waits for the other. node-llama-cpp does not load two models at once either.
 */
export function inTurn<T>(load: (complaints: readonly string[]) => Promise<T>): Promise<T> {
  const turn = last.then(async () => {
    complaints = [];
    try {
      return await load(complaints);
    } finally {
      complaints = undefined;
    }
  });
  last = turn.catch(() => {});
  return turn;
}

/**
 * Makes this process hear an instance's log. Each instance sets a logger of its own, and when the one that it replaces is
 * gone, a turn later, the new one goes with it: llama.cpp would then write to the console. So it is set once more, when
 * all others are gone.
 */
export async function hearLog(llama: Llama): Promise<void> {
  const bindings: unknown = Reflect.get(llama, "_bindings");
  const setLogger: unknown = typeof bindings === "object" && bindings !== null && Reflect.get(bindings, "setLogger");
  if (typeof setLogger !== "function") return;
  Reflect.apply(setLogger, bindings, []);
  for (let turn = 0; turn < 3; turn += 1) await setImmediate();
  Reflect.apply(setLogger, bindings, [(_level: number, message: string) => hear(message)]);
}
