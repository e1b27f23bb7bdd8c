import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner, type Runner } from "../../src/run/runner.ts";
import { FaultyProxy, type ConnectionFault } from "../faulty-proxy.ts";
import type { Chance } from "../core/drive.ts";
import { chanceOf, oneOf } from "./chance.ts";
import { fastClock } from "./fast-clock.ts";
import type { Ledger } from "./ledger.ts";
import { Line } from "./line.ts";
import type { Scenario } from "./scenario.ts";
import { faultFor, settings, startStoryServer } from "./station.ts";

/** Nothing is silent here, and connecting takes its time while other runs are played. */
const patient = { connectMs: 60_000, firstTokenMs: 60_000, idleMs: 60_000 };

/** Servers of one run alone, whose addresses are lost while it runs. */
export class LostStation implements AsyncDisposable {
  readonly runner: Runner;
  readonly #engine: Engine;
  readonly #gates: readonly FaultyProxy[];
  readonly #scenario: Scenario;
  readonly #rest: AsyncDisposableStack;
  #heard = 0;
  /** Takes back that a gate opens again. */
  #reopened = (): void => {};

  private constructor(
    runner: Runner,
    engine: Engine,
    gates: readonly FaultyProxy[],
    scenario: Scenario,
    rest: AsyncDisposableStack,
  ) {
    this.runner = runner;
    this.#engine = engine;
    this.#gates = gates;
    this.#scenario = scenario;
    this.#rest = rest;
  }

  static async open(
    scenario: Scenario,
    ledger: Ledger,
    id: string,
    wrap: (engine: Engine) => Engine,
  ): Promise<LostStation> {
    const rest = new AsyncDisposableStack();
    const gates: FaultyProxy[] = [];
    for (let n = 0; n < (scenario.loss?.endsWith("lost") === true ? 2 : 1); n += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const server = await startStoryServer(ledger, settings[scenario.flavour]);
      // oxlint-disable-next-line no-await-in-loop -- as above
      const line = await new Line(server.baseURL, (request) => faultFor(request, ledger, server)).start();
      // oxlint-disable-next-line no-await-in-loop -- as above
      gates.push(await new FaultyProxy(line.url).start());
      rest.defer(() => server.close());
      rest.use(line);
    }
    const engine = await createEngine({ baseURL: gates.map(({ url }) => url), timeouts: patient });
    const runner = createRunner({ engine: wrap(engine), dialect: threadweaver, clock: fastClock, createId: () => id });
    if (scenario.loss === "connections broken at any byte") {
      const chance = chanceOf(scenario.seed, scenario.index);
      for (const gate of gates) gate.arm((n) => (n < 4 ? drawFault(chance) : undefined));
    }
    return new LostStation(runner, engine, gates, scenario, rest);
  }

  /** What happens to the addresses with each event of the run. */
  hear(): void {
    const { loss, lossAfter } = this.#scenario;
    if ((this.#heard += 1) !== lossAfter + 1) return;
    const [first, ...others] = this.#gates;
    if (first === undefined || loss === undefined || loss === "connections broken at any byte") return;
    const port = Number(new URL(first.url).port);
    const closed = first.close();
    if (loss === "all lost") for (const gate of others) void gate.close();
    if (loss === "refused for a while") {
      // Half a second of the run: some of its attempts find nobody there.
      this.#reopened = fastClock.schedule(fastClock.now() + 500, () => void closed.then(() => first.start(port)));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reopened();
    await this.runner.close();
    await this.#engine.close();
    await Promise.all(this.#gates.map((gate) => gate.close()));
    await this.#rest.disposeAsync();
  }
}

function drawFault(chance: Chance): ConnectionFault | undefined {
  const kind = oneOf(chance, ["cut", "reset", "garble", "none"] as const);
  return kind === "none" ? undefined : { kind, after: chance(2) === 0 ? chance(900) : chance(8000) };
}
