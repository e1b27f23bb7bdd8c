import type { Engine } from "../../src/engine/engine.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Endpoint } from "../../src/eval/arms/endpoint.ts";
import type { Problem } from "../../src/eval/datasets/problem.ts";
import { planEvaluation, type Evaluation, type EvaluationOptions } from "../../src/eval/plan.ts";
import { protocolOf } from "../../src/eval/protocol/presets.ts";
import { startFakeServer, type FakeServer, type FakeServerOptions } from "../../src/testing/index.ts";

/** Sums of two products: what a fork-join model would write of them, without mistakes but where a problem says so. */
const problems: readonly Problem[] = [
  { id: "a", question: "2*3+4*5", answer: "26", fields: {} },
  { id: "b", question: "7*8+9*2", answer: "74", fields: {} },
  { id: "wrong", question: "6*6+1*1", answer: "38", fields: {} },
];

/** A model that forks for each sum, and writes the same without a fork where it is not told to stop. */
export function solve(prompt: string): string {
  const [, sum = ""] = /Q: ([\d*+]+)\n/.exec(prompt) ?? [];
  const parts = sum.split("+").map((part) => part.split("*").map(Number));
  const values = parts.map(([a = 0, b = 0]) => a * b);
  const total = values.reduce((one, other) => one + other, 0);
  const answer = `The answer is \\boxed{${total}}`;
  const after = prompt.split(`Q: ${sum}\n`)[1] ?? "";
  const [, thread] = /<Thread>\n(\d):$/.exec(after) ?? [];
  if (thread !== undefined) return ` it is ${"one ".repeat(Number(thread) * 3)}${values[Number(thread) - 1]}</Thread>`;
  if (after.includes("</Thread>")) return `</Parallel>\n${answer}`;
  if (after !== "") return ` ${total}}`;
  const outlines = parts.map((_, n) => `<Outline>${n + 1}: part</Outline>\n`).join("");
  const threads = values
    .map((value, n) => `<Thread>\n${n + 1}: it is ${"one ".repeat(12)}${value}</Thread>\n`)
    .join("");
  return `<Parallel>\n<Outlines>\n${outlines}</Outlines>\n${threads}</Parallel>\n${answer}`;
}

export const protocol = { ...protocolOf("default"), form: "raw", template: "Q: {question}\n" } as const;

export interface Bench extends AsyncDisposable {
  readonly server: FakeServer;
  readonly endpoint: Endpoint;
  /** Another engine there: a command closes its own. */
  open(): Promise<Engine>;
}

/** A server that solves sums, and an engine on it. */
export async function openBench(model: FakeServerOptions["model"] = solve): Promise<Bench> {
  const server = await startFakeServer({ model });
  const controls = [...threadweaver.markers, "<think>", "</think>"];
  const open = (): Promise<Engine> => createEngine({ baseURL: server.baseURL, controls });
  const engine = await open();
  return {
    server,
    open,
    endpoint: { name: "default", engine, dialect: threadweaver },
    async [Symbol.asyncDispose]() {
      await engine.close();
      await server.close();
    },
  };
}

export function planOf(endpoint: Endpoint, changes: Partial<EvaluationOptions> = {}): Evaluation {
  return planEvaluation({
    dataset: { name: "sums", problems, policy: "default", known: false, skipped: [] },
    protocol,
    arms: ["sequential", "fork-join"],
    endpoints: [endpoint],
    seed: 1,
    version: "0.0.0",
    now: () => 1_700_000_000_000,
    ...changes,
  });
}
