import fc from "fast-check";
import { expect, it } from "vitest";
import { World, type Asked } from "./world.ts";

const commands = fc.array(
  fc.oneof(
    { arbitrary: fc.constant({ do: "enter" } as const), weight: 1 },
    {
      arbitrary: fc.record({
        do: fc.constant("ask" as const),
        run: fc.nat(),
        goesOn: fc.boolean(),
        depth: fc.nat({ max: 2 }),
        mayWrite: fc.constantFrom(100, 200, Infinity),
      }),
      weight: 12,
    },
    { arbitrary: fc.record({ do: fc.constant("release" as const), which: fc.nat() }), weight: 6 },
    { arbitrary: fc.record({ do: fc.constant("leave" as const), which: fc.nat() }), weight: 1 },
    { arbitrary: fc.constant({ do: "turn" } as const), weight: 6 },
  ),
  { maxLength: 300 },
);

/** Says how each call that begins stands to those that wait. Levels are looked up, and lines are searched from end to end. */
class Checks {
  readonly #askedOf = new Map<number, number>();
  /** Of each kind, calls that began since one of the oldest run overtook others. */
  readonly #sinceTurn = new Map([
    [true, 0],
    [false, 0],
  ]);
  /** Of each kind, calls in a row that were not of the oldest run that waited. */
  readonly #passed = new Map([
    [true, 0],
    [false, 0],
  ]);
  #inRow = 0;

  check(world: World, call: Asked): void {
    const { goesOn, run } = call;
    const { waiting, holding, count } = world;
    expect(waiting).toContain(call);
    expect(holding.length).toBeLessThan(count);
    this.#checkJoins(waiting, call, Math.max(count, 8));
    const alike = waiting.filter((other) => other.goesOn === goesOn);
    const own = alike.filter((other) => other.run === run);
    expect(own.find((other) => other !== call && comesBefore(other, call, own))).toBeUndefined();
    const oldest = Math.min(...alike.map((other) => other.run));
    const first = alike.toSorted((a, b) => this.#levelOf(a) - this.#levelOf(b) || a.run - b.run)[0]?.run;
    const since = this.#sinceTurn.get(goesOn) ?? 0;
    if (run !== first) {
      expect(run).toBe(oldest);
      expect(since).toBeGreaterThanOrEqual(7);
    }
    this.#sinceTurn.set(goesOn, run === first ? since + 1 : 0);
    const passed = run === oldest ? 0 : (this.#passed.get(goesOn) ?? 0) + 1;
    expect(passed).toBeLessThan(8);
    this.#passed.set(goesOn, passed);
  }

  asked({ run }: Asked): void {
    this.#askedOf.set(run, (this.#askedOf.get(run) ?? 0) + 1);
  }

  /** A call that begins is not let in before one that goes on, unless many of these began in a row. */
  #checkJoins(waiting: readonly Asked[], call: Asked, most: number): void {
    const areWaiting = waiting.some(({ goesOn }) => !goesOn);
    if (!call.goesOn && waiting.some(({ goesOn }) => goesOn)) expect(this.#inRow).toBe(most);
    this.#inRow = call.goesOn && areWaiting ? this.#inRow + 1 : 0;
    expect(this.#inRow).toBeLessThanOrEqual(most);
  }

  #levelOf({ run }: Asked): number {
    const asked = this.#askedOf.get(run) ?? 0;
    return [1, 4, 16, 64, 256, 1024].findIndex((most) => asked <= most);
  }
}

function comesBefore(a: Asked, b: Asked, order: readonly Asked[]): boolean {
  if (a.depth !== b.depth) return a.depth > b.depth;
  if (a.mayWrite !== b.mayWrite) return a.mayWrite > b.mayWrite;
  return order.indexOf(a) < order.indexOf(b);
}

it("whatever asks, ends and leaves: slots are never exceeded, joins come first, runs are served fairly, and no call is forgotten", async () => {
  await fc.assert(
    fc.asyncProperty(commands, fc.constantFrom(1, 2, 3, 12), async (given, count) => {
      const checks = new Checks();
      const world = new World(count, (call) => checks.check(world, call));
      const asked: Asked[] = [];
      const left = new Set<Asked>();
      world.enter();
      for (const command of given) {
        if (command.do === "enter") world.enter();
        // oxlint-disable-next-line no-await-in-loop -- steps come one after the other
        if (command.do === "turn") await world.turn();
        if (command.do === "ask") {
          const { goesOn, depth, mayWrite } = command;
          const call = world.ask(command.run % world.runs, "", { goesOn, depth, mayWrite });
          asked.push(call);
          checks.asked(call);
        }
        if (command.do === "release") world.release(world.holding[command.which % world.holding.length]);
        if (command.do === "leave") {
          const leaver = world.waiting[command.which % world.waiting.length];
          if (leaver !== undefined) left.add(leaver);
          world.release(leaver);
        }
      }
      await world.turn();
      expect(world.waiting.length === 0 || world.holding.length === count).toBe(true);
      await world.finish();
      expect(world.waiting).toEqual([]);
      expect(new Set(world.begun)).toEqual(new Set(asked.filter((call) => !left.has(call))));
      expect(world.begun).toHaveLength(asked.length - left.size);
    }),
    { numRuns: 500 },
  );
});
