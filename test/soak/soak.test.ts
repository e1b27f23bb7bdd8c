import { expect, it } from "vitest";
import type { CompletionEvent, Engine } from "../../src/engine/engine.ts";
import { readOptions } from "./options.ts";
import { drawScenario } from "./scenario.ts";
import { soak, type SoakReport, type SoakSetup } from "./soak.ts";
import { tableOf } from "./table.ts";

const small: SoakSetup = {
  runs: 48,
  ms: Infinity,
  // One of those whose first runs wait for no silent server, which takes seconds each time.
  seed: 68,
  only: undefined,
  concurrency: 16,
  // It takes seconds each time, as long as a process of tests holds so much else.
  measuresLeaks: false,
};

function problemsOf({ played, problems }: SoakReport): string[] {
  return [
    ...played.flatMap(({ scenario, problems: own }) => own.map((one) => `run ${scenario.index}: ${one}`)),
    ...problems,
  ];
}

/** An engine whose events are changed on their way to the runs. */
const changing =
  (change: (event: CompletionEvent, n: number) => CompletionEvent[]) =>
  (engine: Engine): Engine => {
    let n = 0;
    return new Proxy(engine, {
      get(target, name) {
        if (name !== "complete") return Reflect.get(target, name, target) as unknown;
        return async function* complete(request: Parameters<Engine["complete"]>[0]) {
          for await (const event of target.complete(request)) yield* change(event, (n += 1));
        };
      },
    });
  };

it("a few dozen runs hold, and the table says what befell them", async () => {
  const report = await soak({ ...small, measuresLeaks: true });
  expect(problemsOf(report)).toEqual([]);
  expect(report.played).toHaveLength(48);
  expect(tableOf(report)).toMatch(/^\(all\) +48 +\d+ same, .*\d+ aborted/m);
}, 120_000);

it.each<[string, RegExp, (event: CompletionEvent, n: number) => CompletionEvent[]]>([
  ["a lost piece", /in the trie, .* read/, (event, n) => (event.type === "pieces" && n % 97 === 0 ? [] : [event])],
  [
    "a piece that comes twice",
    /in the trie, .* read|and is not what it would be/,
    (event, n) => (event.type === "pieces" && n % 97 === 0 ? [event, event] : [event]),
  ],
  [
    "another text",
    /its text is/,
    (event, n) =>
      event.type === "pieces" && n % 97 === 0
        ? [{ ...event, pieces: event.pieces.map((piece) => ({ ...piece, text: "?" })) }]
        : [event],
  ],
])(
  "%s is found, and the run that it is in is named",
  async (_, expected, change) => {
    const report = await soak({ ...small, runs: 12, wrap: changing(change) });
    expect(problemsOf(report).join("\n")).toMatch(expected);
  },
  120_000,
);

it("a run that does not end is found", async () => {
  const isCalm = (index: number): boolean => {
    const { cancel, loss, overflow, flavour } = drawScenario(small.seed, index);
    return cancel === undefined && loss === undefined && overflow === undefined && flavour === "vllm";
  };
  const only = Array.from({ length: 100 }, (_, index) => index).find(isCalm);
  const hang = (engine: Engine): Engine =>
    new Proxy(engine, {
      get(target, name) {
        if (name !== "complete") return Reflect.get(target, name, target) as unknown;
        return async function* complete(request: Parameters<Engine["complete"]>[0]) {
          if (request.id === `run-${only}-0`) await Promise.race([]);
          yield* target.complete(request);
        };
      },
    });
  const report = await soak({ ...small, only, patienceMs: 3000, wrap: hang });
  expect(report.played.map(({ way }) => way)).toEqual(["hung"]);
}, 120_000);

it("a run is a function of the seed and of its number, so it can be played alone", async () => {
  expect(drawScenario(5, 77)).toEqual(drawScenario(5, 77));
  expect(drawScenario(5, 77)).not.toEqual(drawScenario(6, 77));
  const { played } = await soak({ ...small, only: 7 });
  expect(played.map(({ scenario }) => scenario)).toEqual([drawScenario(small.seed, 7)]);
}, 60_000);

it("options that cannot be meant are told by name", () => {
  expect(readOptions(["--runs", "5", "--seed", "3"])).toMatchObject({
    runs: 5,
    seed: 3,
    only: undefined,
    concurrency: 16,
  });
  expect(() => readOptions(["--runs", "none"])).toThrow('--runs is "none"; it must be a whole number from 1 on.');
  expect(() => readOptions(["--minutes", "0"])).toThrow('--minutes is "0"; it must be a number above 0.');
});
