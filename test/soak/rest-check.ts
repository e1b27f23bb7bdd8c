import { aliveOf, soon } from "./leaks.ts";
import type { Ledger } from "./ledger.ts";
import type { Station } from "./station.ts";

/**
 * What must hold of a station when its runs are over, and before it is closed: its server runs no call, and
 * every slot of its runner can be taken again, all at once.
 */
export async function checkRest(station: Station, ledger: Ledger): Promise<string[]> {
  const { flavour, server, slots } = station;
  const problems: string[] = [];
  if (!(await soon(() => server.running === 0))) problems.push(`${server.running} calls still run on the server`);
  const { promise, resolve } = Promise.withResolvers<void>();
  ledger.barrier = promise;
  const runs = Array.from({ length: slots + 3 }, (_, n) => {
    station.name(`slot-${n}`);
    return station.runner.run({ prompt: `slot ${n}` }, { mode: "sequential", maxTokens: 1 }).result;
  });
  if (!(await soon(() => server.running === slots))) problems.push(`${server.running} of ${slots} slots can be taken`);
  resolve();
  ledger.barrier = undefined;
  await Promise.all(runs);
  return problems.map((problem) => `on ${flavour}: ${problem}`);
}

/** What must hold when all runs of a season are over, while its engines are open: nothing of a run is alive. */
export async function checkAlive(recorders: readonly WeakRef<object>[]): Promise<string[]> {
  // A run and each of its calls hold the run's recorder. A call whose server is being told of its end is still alive.
  if (await soon(() => aliveOf(recorders) === 0, 500)) return [];
  return [`${aliveOf(recorders)} runs that are over are still alive`];
}
