import { getEventListeners } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import type { Engine } from "../../src/engine/engine.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { Run } from "../../src/run/run.ts";
import { checkEnd, wayOf, type Way } from "./end-check.ts";
import type { FaultName } from "./faults.ts";
import type { Book, Ledger } from "./ledger.ts";
import { listen } from "./listening.ts";
import { LostStation } from "./losses.ts";
import { digestOf, settled, type Outcome } from "./outcome.ts";
import { promptOf } from "./prompt.ts";
import type { Scenario } from "./scenario.ts";
import { Shadow } from "./shadow.ts";
import type { Station } from "./station.ts";
import { storyOf } from "./story.ts";
import { checkTokens } from "./token-check.ts";
import { checkTold } from "./told-check.ts";

/** A run that was played, and what was wrong with it. */
export interface Played {
  scenario: Scenario;
  /** `threw`: it was no run at all, which is a mistake of the soak or of what runs stand on. */
  way: Way | "hung" | "threw";
  problems: string[];
  retries: number;
  /** The faults that struck it. */
  struck: FaultName[];
}

export interface Stage {
  ledger: Ledger;
  station: Station;
  /** How the same run ends without faults. */
  undisturbed: (scenario: Scenario) => Promise<string>;
  /** The recorders of all runs so far. */
  recorders: WeakRef<object>[];
  /** Milliseconds after which a run counts as hung. */
  patienceMs: number;
  /** What runs see of their engine. */
  wrap: (engine: Engine) => Engine;
}

/** What a run of the same story without faults comes to. */
export async function playUndisturbed(scenario: Scenario, { ledger, station }: Stage, id: string): Promise<string> {
  const { book, prompt } = open(scenario, station);
  ledger.open(id, { ...book, scenario: { ...scenario, faults: [] } });
  station.name(id);
  const options = optionsOf(scenario, new AbortController().signal);
  const outcome = await settled(station.runner.run({ prompt }, options).result);
  ledger.close(id);
  return digestOf(outcome);
}

/** Plays one run, and checks all that must hold of it. */
export async function play(scenario: Scenario, stage: Stage): Promise<Played> {
  const { ledger, station, wrap } = stage;
  const undisturbed = await stage.undisturbed(scenario);
  const id = `run-${scenario.index}`;
  const { book, prompt } = open(scenario, station);
  ledger.open(id, book);
  await using own = scenario.loss === undefined ? undefined : await LostStation.open(scenario, ledger, id, wrap);
  station.name(id);
  const { runner } = own ?? station;
  const controller = new AbortController();
  const shadow = new Shadow(scenario);
  stage.recorders.push(new WeakRef(shadow));
  const events: RunEvent[] = [];
  const run: Run = runner.run(
    { prompt },
    {
      ...optionsOf(scenario, controller.signal),
      recorder: shadow,
      onEvent: listensItself(scenario) ? hear : undefined,
    },
  );
  function hear(event: RunEvent): void {
    events.push(event);
    own?.hear();
    const { cancel, throws } = scenario;
    if (cancel?.on === event.type && events.filter(({ type }) => type === cancel.on).length === cancel.nth) stop();
    if (throws?.who === "listener" && events.length > throws.after) throw new Error("a listener's mistake");
  }
  function stop(): void {
    if (scenario.cancel?.by === "signal") controller.abort(new Error("enough"));
    else run.abort(new Error("enough"));
  }
  if (scenario.cancel?.on === "sync") stop();
  if (scenario.cancel?.on === "turn") void turns(scenario.cancel.nth * 3).then(stop);
  const listening = listen(run, scenario);
  const ended = await within(stage.patienceMs, Promise.all([settled(run.result), listening]));
  const struck = [...new Set(book.requests.flatMap(({ fault, hasStruck }) => (hasStruck ? (fault ?? []) : [])))];
  ledger.close(id);
  if (ended === "hung") {
    run.abort();
    return { scenario, way: "hung", problems: [`it did not end within ${stage.patienceMs} ms`], retries: 0, struck };
  }
  const [outcome, told] = ended;
  await turn();
  const way = wayOf(outcome, undisturbed);
  const heard = listensItself(scenario) && scenario.throws?.who !== "listener" ? events : told.events;
  const { tokenizer } = station.server;
  const problems = [
    ...checkEnd(way, outcome, { scenario, book, undisturbed }),
    ...checkTold({ ...told, events: heard }, outcome.result),
    ...(outcome.result?.tree === undefined
      ? []
      : checkTokens({
          tree: outcome.result.tree,
          book,
          tokenizer,
          shadow: shadow.state,
          runsOn: scenario.flavour === "spelled",
        })),
    ...checkRecord(shadow, outcome),
    ...(getEventListeners(controller.signal, "abort").length > 0 ? ["it still listens to its signal"] : []),
  ];
  return { scenario, way, problems, retries: outcome.result?.retries ?? 0, struck };
}

/** The record of a run makes the same trie again. */
function checkRecord({ trie }: Shadow, { result }: Outcome): string[] {
  if (trie === undefined || result?.tree === undefined) return [];
  const { head: _, ...tree } = result.tree;
  return JSON.stringify(trie) === JSON.stringify(tree) ? [] : ["its record makes another trie"];
}

function open(scenario: Scenario, { server, engine }: Station): { book: Book; prompt: string } {
  const story = storyOf(scenario.seed, scenario.outlines, scenario.variant);
  const prompt = promptOf(story, scenario, server.tokenizer, engine);
  const promptTokens = 1 + server.tokenizer.encode(prompt).length;
  return { prompt, book: { scenario, story, promptTokens, requests: [], counts: new Map() } };
}

function optionsOf({ index, sequential, wide, logprobs }: Scenario, signal: AbortSignal) {
  return {
    mode: sequential ? ("sequential" as const) : ("fork-join" as const),
    // Each attempt then has a seed of its own, by which it is known again.
    temperature: 1,
    seed: index,
    maxThreads: wide ? 128 : undefined,
    logprobs,
    tree: true as const,
    signal,
  };
}

function listensItself({ listener, cancel, throws, loss }: Scenario): boolean {
  return listener === "onEvent" || cancel !== undefined || throws?.who === "listener" || loss !== undefined;
}

async function turns(n: number): Promise<void> {
  for (let left = n; left > 0; left -= 1) await turn();
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | "hung"> {
  const { promise, resolve } = Promise.withResolvers<"hung">();
  const timer = setTimeout(() => resolve("hung"), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
