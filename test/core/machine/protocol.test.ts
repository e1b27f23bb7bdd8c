import { expect, it } from "vitest";
import { npr, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { effectSchema, inputSchema, type Input } from "../../../src/core/machine/protocol.ts";
import { play, type Played } from "../play.ts";
import { two } from "./support.ts";

const lines = { "0": [two, "."], "0/1.1": ["one</Thread>"], "0/1.2": [{ write: "two", fate: "failed" as const }] };
const timed = (input: object): object => ({ at: 3, ...input });

it.each<[string, () => Played]>([
  ["a run with a fork, a thread that failed and a warning", () => play(threadweaver, lines, { limits: { ms: 1e6 } })],
  ["a run without ids", () => play(threadweaver, lines, { mode: "text" })],
  [
    "a run with tails that is stopped",
    () =>
      play(
        npr,
        { "0": ["<guideline><plan>1:</plan></guideline>"], "0/1.1": ["x</step>", "\n"] },
        { interrupt: (state) => (state.calls.some(({ role }) => role === "tail") ? { t: "stop" } : undefined) },
      ),
  ],
])("a trace of %s reads back as it was: its schemas leave nothing out", (_, run) => {
  const { inputs, effects } = run();
  for (const input of inputs) expect(inputSchema.parse(JSON.parse(JSON.stringify(input)))).toEqual(input);
  for (const effect of effects) expect(effectSchema.parse(effect)).toEqual(effect);
});

it.each<[string, object]>([
  [
    "sent",
    {
      t: "sent",
      call: 0,
      attempt: 1,
      promptTokens: 0,
      promptIds: [1],
      sampling: { temperature: 0.5, topP: 0.9 },
      seed: 7,
    },
  ],
  ["encoded", { t: "encoded", segment: 0, ids: [1, 2], text: "ab" }],
  ...(["user", "straggler", "quorum", "deadline"] as const).map((by): [string, object] => [
    `a cut by ${by}`,
    { t: "cut", sequence: 1, by },
  ]),
  ["time", { t: "time" }],
  ...[
    { kind: "stop", eos: 2 },
    { kind: "length" },
    { kind: "context" },
    { kind: "failed", message: "m" },
    { kind: "refused", limit: "context" },
  ].map((reason): [string, object] => [
    `an end by ${reason.kind}`,
    {
      t: "ended",
      call: 0,
      reason,
      usage: { cachedTokens: 0, completionTokens: 4, weightVersion: "w" },
    },
  ]),
])("reads an input back as it was: %s", (_, input) => {
  expect(inputSchema.parse(timed(input))).toEqual(timed(input));
});

it.each<[string, object]>([
  ["of no kind", { t: "begin" }],
  ["without a time", { t: "stop", at: undefined }],
  ["of a call below 0", { t: "pieces", call: -1, pieces: [] }],
  ["of a call that is no whole number", { t: "pieces", call: 0.5, pieces: [] }],
  ["of an attempt 0", { t: "sent", call: 0, attempt: 0, promptTokens: 0 }],
  ["of an ending that there is not", { t: "ended", call: 0, reason: { kind: "tired" } }],
  ["of a failure without a message", { t: "ended", call: 0, reason: { kind: "failed" } }],
  ["of a refusal by no limit", { t: "ended", call: 0, reason: { kind: "refused", limit: "mood" } }],
  ["of a cut without a reason", { t: "cut", sequence: 0, by: "" }],
  ["with usage below 0", { t: "ended", call: 0, reason: { kind: "stop" }, usage: { cachedTokens: -1 } }],
  ["of a start without a vocabulary", { t: "start", prompt: { ids: [1] } }],
])("takes no input %s", (_, input) => {
  expect(inputSchema.safeParse(timed(input)).success).toBe(false);
});

it.each<[string, object]>([
  ["of no kind", { e: "rest" }],
  ["to write in no role", { e: "complete", call: 0, role: "head" }],
  [
    "for parts of no token",
    {
      e: "complete",
      call: 0,
      at: { segment: 0, n: 0 },
      threadId: "0",
      callIndex: 0,
      role: "body",
      stops: [],
      maxPart: 0,
      critical: 0,
    },
  ],
  ["with a warning of no code", { e: "warning", warning: { code: "hm", message: "", threadId: "0" } }],
  ["that ends in no way", { e: "finish", ending: { kind: "tired" } }],
])("takes no effect %s", (_, effect) => {
  expect(effectSchema.safeParse(effect).success).toBe(false);
});

it("a start's input is checked to its last part", () => {
  const start: Input = {
    t: "start",
    at: 0,
    prompt: { ids: [1], text: "Q" },
    vocabulary: { eos: [0], markers: { "</Thread>": 5 } },
  };
  expect(inputSchema.parse(start)).toEqual(start);
  expect(inputSchema.safeParse({ ...start, vocabulary: { eos: ["0"], markers: {} } }).success).toBe(false);
  expect(inputSchema.safeParse({ ...start, vocabulary: { eos: [], markers: { a: "1" } } }).success).toBe(false);
});
