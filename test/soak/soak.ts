import pLimit from "p-limit";
import type { Engine } from "../../src/engine/engine.ts";
import { holdings, leaks, type Holdings } from "./leaks.ts";
import { Ledger } from "./ledger.ts";
import type { SoakOptions } from "./options.ts";
import { play, playUndisturbed, type Played, type Stage } from "./play.ts";
import { checkAlive, checkRest } from "./rest-check.ts";
import { drawScenario, flavours, type Flavour, type Scenario } from "./scenario.ts";
import { Station } from "./station.ts";

export interface SoakSetup extends SoakOptions {
  /** Milliseconds after which a run counts as hung. @defaultValue 300_000 */
  patienceMs?: number | undefined;
  /** What runs see of their engine: to plant a mistake that the checks have to find. @defaultValue the engine */
  wrap?: ((engine: Engine) => Engine) | undefined;
  /** Whether to compare what the process holds at the end with what it held at the start. @defaultValue true */
  measuresLeaks?: boolean | undefined;
  /** Is given each run as it ends. */
  onPlayed?: ((played: Played) => void) | undefined;
}

export interface SoakReport {
  played: Played[];
  ms: number;
  /** What the process held before the first run and after the last one, where that was measured. */
  held: { before: Holdings; after: Holdings } | undefined;
  /** What was wrong with no single run: slots that were not given back, and leaks. */
  problems: string[];
}

/** Servers and engines are closed, and new ones opened, after so many runs: those have to leave nothing, too. */
const runsPerSeason = 500;

export async function soak(setup: SoakSetup): Promise<SoakReport> {
  const { only, runs, ms, seed, measuresLeaks = true } = setup;
  using ledger = new Ledger();
  const problems: string[] = [];
  const onRejection = (error: unknown): void => void problems.push(`a rejection that nobody handles: ${String(error)}`);
  process.on("unhandledRejection", onRejection);
  // What is loaded and compiled only once is no leak.
  if (measuresLeaks) await season([drawScenario(seed, 0)], { ...setup, onPlayed: undefined }, ledger, () => true);
  const before = measuresLeaks ? await holdings() : undefined;
  const began = performance.now();
  const isTime = (): boolean => performance.now() - began < ms;
  const played: Played[] = [];
  const indexes = only === undefined ? Array.from({ length: runs }, (_, index) => index) : [only];
  for (let from = 0; from < indexes.length && isTime(); from += runsPerSeason) {
    const scenarios = indexes.slice(from, from + runsPerSeason).map((index) => drawScenario(seed, index));
    // oxlint-disable-next-line no-await-in-loop -- one season after the other
    const ended = await season(scenarios, setup, ledger, isTime);
    played.push(...ended.played);
    problems.push(...ended.problems);
  }
  const took = performance.now() - began;
  const held = before && { before, after: await holdings() };
  process.off("unhandledRejection", onRejection);
  if (held !== undefined) problems.push(...leaks(held.before, held.after));
  return { played, ms: took, held, problems };
}

interface Season {
  played: Played[];
  problems: string[];
}

/** Some runs over the same servers and engines. */
async function season(
  scenarios: readonly Scenario[],
  setup: SoakSetup,
  ledger: Ledger,
  isTime: () => boolean,
): Promise<Season> {
  const { concurrency, patienceMs = 300_000, wrap = (engine) => engine } = setup;
  await using stack = new AsyncDisposableStack();
  const stages = new Map<Flavour, Stage>();
  const recorders: WeakRef<object>[] = [];
  for (const flavour of flavours) {
    if (scenarios.every((scenario) => scenario.flavour !== flavour)) continue;
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const station = stack.use(await Station.open(flavour, ledger, wrap));
    const stage: Stage = {
      ledger,
      station,
      patienceMs,
      wrap,
      recorders,
      undisturbed: undisturbedOn((scenario, id) => playUndisturbed(scenario, stage, id)),
    };
    stages.set(flavour, stage);
  }
  const limit = pLimit(concurrency);
  const playOn = async (scenario: Scenario): Promise<Played[]> => {
    const stage = stages.get(scenario.flavour);
    if (stage === undefined || !isTime()) return [];
    try {
      const one = await play(scenario, stage);
      setup.onPlayed?.(one);
      return [one];
    } catch (error) {
      const one: Played = {
        scenario,
        way: "threw",
        problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
        retries: 0,
        struck: [],
      };
      setup.onPlayed?.(one);
      return [one];
    }
  };
  const [together, alone] = [false, true].map((isAlone) =>
    scenarios.filter(({ outlines }) => (outlines === "hundredThousand") === isAlone),
  );
  const played = (await Promise.all((together ?? []).map((scenario) => limit(() => playOn(scenario))))).flat();
  // It blocks the event loop for seconds, which others would take for silent servers.
  // oxlint-disable-next-line no-await-in-loop -- as above
  for (const scenario of alone ?? []) played.push(...(await playOn(scenario)));
  const problems = await checkAlive(recorders);
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (const { station } of stages.values()) problems.push(...(await checkRest(station, ledger)));
  return { played, problems };
}

/** Plays each story once. */
function undisturbedOn(playOnce: (scenario: Scenario, id: string) => Promise<string>) {
  const known = new Map<string, Promise<string>>();
  return (scenario: Scenario): Promise<string> => {
    const { outlines, variant, sequential, wide, overflow } = scenario;
    const key = [outlines, variant, sequential, wide, overflow].join();
    const found = known.get(key) ?? playOnce(scenario, `undisturbed-${known.size}-${scenario.flavour}`);
    known.set(key, found);
    return found;
  };
}
