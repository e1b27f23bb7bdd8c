/**
 * What policies save where some attempts are slow: problems of the small model, eight attempts at each, one run at a time. Two
 * of the eight are artificial stragglers: what they generate is handed over late, token by token. Each problem goes
 * through all policies before the next one does, with the same seed, so that a slow stretch of the machine hits all of them.
 *
 *     npm run bench:policies
 *     node scripts/servers/run.ts vllm -- node bench/policies/stragglers.ts --only quorum,firstOf --problems 2
 *
 * Also: --late MS (for each token of a straggler, 40), --temperature T (1.7).
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { equal } from "../../src/grade/index.ts";
import type { AttemptsResult } from "../../src/run/attempts/result.ts";
import {
  all,
  confidence,
  criticalTokens,
  deadline,
  firstOf,
  quorum,
  stragglers,
  type JoinPolicy,
} from "../../src/run/policies/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import { generatedByServer } from "../engines/generated.ts";
import { serverNamed } from "../engines/servers.ts";
import { slowed } from "./slowed.ts";
import { add, newTally, table, type Tally } from "./tally.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    problems: { type: "string", default: "4" },
    late: { type: "string", default: "40" },
    temperature: { type: "string", default: "1.7" },
  },
});
const count = 8;
const isSlow = (call: number): boolean => call % 4 === 3;

interface Problem {
  terms: [number, number][];
  prompt: string;
}
const known = JSON.parse(
  readFileSync(new URL("../../test/fixtures/reference-transcripts.json", import.meta.url), "utf8"),
) as Problem[];
const [first, ...problems] = known.filter(({ terms }) => terms.length === 2);
if (first === undefined) throw new Error("there are no problems");

const server = serverNamed("vllm");
const { apiKey } = server;
const controls = threadweaver.markers.concat("<think>", "</think>");
const engine = await createEngine({ baseURL: `${server.root}/v1`, apiKey, controls });
const runner = createRunner({ engine: slowed(engine, isSlow, Number(values.late)) });

// Nothing is counted of the first problem; it says how long attempts take here that are no stragglers.
const times = (await ask(first, all(), 0)).attempts.filter((_, n) => !isSlow(n)).map(({ ms }) => ms);
const usual = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
const half = Math.round(1.5 * usual);
const every: Record<string, JoinPolicy> = {
  "firstOf(4)": firstOf(4),
  "quorum(3)": quorum(3),
  [`deadline(${half})`]: deadline(half),
  "criticalTokens(380)": criticalTokens(380),
  "stragglers({ factor: 1.5 })": stragglers({ factor: 1.5 }),
  "confidence({ warmups: 3, window: 64 })": confidence({ warmups: 3, window: 64 }),
};
const wanted = values.only?.split(",");
const chosen = Object.entries(every).filter(([name]) => wanted?.some((one) => name.startsWith(one)) ?? true);
const policies: Record<string, JoinPolicy> = { all: all(), ...Object.fromEntries(chosen) };
const tallies: Record<string, Tally> = Object.fromEntries(Object.keys(policies).map((name) => [name, newTally()]));

for (const [seed, problem] of problems.slice(0, Number(values.problems)).entries()) {
  for (const [name, policy] of Object.entries(policies)) {
    const tally = tallies[name] ?? newTally();
    const before = await generatedByServer(server.root, apiKey);
    // oxlint-disable-next-line no-await-in-loop -- one run at a time
    const result = await ask(problem, policy, seed + 1);
    tally.ms += result.wallMs;
    tally.counted += (await generatedByServer(server.root, apiKey)) - before;
    add(tally, result, isRight(problem, result));
    console.log(`${seed + 1}, ${name}: ${(result.wallMs / 1000).toFixed(1)} s, ${result.answer}`);
  }
}
console.log(
  `\n${count} attempts, of which 2 are ${values.late} ms late for each token; others take ${Math.round(usual)} ms\n`,
);
console.log(table(tallies));
await engine.close();

function ask({ prompt }: Problem, policy: JoinPolicy, seed: number): Promise<AttemptsResult> {
  const temperature = Number(values.temperature);
  return runner.attempts({ prompt }, { count, policy, seed, temperature, maxThreadTokens: 450, answer: "lastBox" })
    .result;
}

function isRight({ terms }: Problem, { answer }: AttemptsResult): boolean {
  const sum = terms.reduce((total, [a, b]) => total + a * b, 0);
  return answer !== undefined && equal(`${sum}`, answer).equal;
}
