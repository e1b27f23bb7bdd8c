/**
 * Attempts that stop when some agree, against as many that all run to their end: word problems on a real instruct model, with
 * the same seeds. The problems are GSM8K's, in a file of yours: one JSON object a line, with `question` and `answer`.
 *
 *     node bench/policies/quorum.ts --problems gsm8k.jsonl --engine http://127.0.0.1:8000/v1
 *
 * Also: --first N (problems, 20), --at-once N (4), --attempts N (5), --quorum K (3), --tokens N (most of an attempt, 300).
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createEngine } from "../../src/engine/openai.ts";
import { equal } from "../../src/grade/index.ts";
import type { AttemptsResult } from "../../src/run/attempts/result.ts";
import { all, quorum, type JoinPolicy } from "../../src/run/policies/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import { generatedByServer } from "../engines/generated.ts";
import { add, newTally, table, type Tally } from "./tally.ts";

const { values } = parseArgs({
  options: {
    problems: { type: "string" },
    engine: { type: "string" },
    first: { type: "string", default: "20" },
    "at-once": { type: "string", default: "4" },
    attempts: { type: "string", default: "5" },
    quorum: { type: "string", default: "3" },
    tokens: { type: "string", default: "300" },
  },
});
if (values.problems === undefined || values.engine === undefined) throw new Error("give --problems FILE --engine URL");

interface Problem {
  question: string;
  /** Its solution; the number is after `####`. */
  answer: string;
  seed: number;
}
const problems = readFileSync(values.problems, "utf8")
  .split("\n")
  .slice(0, Number(values.first))
  .map((line, seed): Problem => ({ ...(JSON.parse(line) as Omit<Problem, "seed">), seed }));
const apiKey = process.env["THREADWEAVER_API_KEY"] ?? "none";
const engine = await createEngine({ baseURL: values.engine, apiKey });
const runner = createRunner({ engine });
const count = Number(values.attempts);
const atOnce = Number(values["at-once"]);
const policies: Record<string, JoinPolicy> = {
  all: all(),
  [`quorum(${values.quorum})`]: quorum(Number(values.quorum)),
};
const tallies: Record<string, Tally> = Object.fromEntries(Object.keys(policies).map((name) => [name, newTally()]));

for (let from = 0; from < problems.length; from += atOnce) {
  const some = problems.slice(from, from + atOnce);
  for (const [name, policy] of Object.entries(policies)) {
    const tally = tallies[name] ?? newTally();
    const before = await generated();
    const began = performance.now();
    const results = await Promise.all(some.map((problem) => ask(problem, policy)));
    tally.ms += performance.now() - began;
    tally.counted += (await generated()) - before;
    for (const [i, result] of results.entries()) add(tally, result, isRight(result, some[i]));
    const answers = results.map(({ answer, attempts }) => `${answer} [${attempts.map(said).join(" ")}]`);
    console.log(`${from + 1} to ${from + some.length}, ${name}: ${answers.join("; ")}`);
  }
  // On a slow machine one may stop after any of them.
  console.log(
    `\n${engine.model}, ${from + some.length} problems, ${count} attempts at each, ${atOnce} problems at once\n`,
  );
  console.log(`${table(tallies)}\n`);
}
await engine.close();

function ask({ question, seed }: Problem, policy: JoinPolicy): Promise<AttemptsResult> {
  const content = `${question}\nReason step by step, briefly. Put the final number in \\boxed{}.`;
  const options = { count, policy, seed, temperature: 0.7, maxThreadTokens: Number(values.tokens) };
  return runner.attempts({ messages: [{ role: "user", content }] }, { ...options, answer: "lastBox", equal: "gsm8k" })
    .result;
}

function isRight({ answer }: AttemptsResult, problem: Problem | undefined): boolean {
  const reference = problem?.answer.split("####").at(-1)?.trim() ?? "";
  return answer !== undefined && equal(reference, answer, "gsm8k").equal;
}

function said({ answer = "-", ending, tokens }: AttemptsResult["attempts"][number]): string {
  return `${answer}${ending.kind === "cut" ? "cut" : ""}@${tokens}`;
}

function generated(): Promise<number> {
  return generatedByServer(new URL(engine.name).origin, apiKey);
}
