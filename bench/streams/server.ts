/**
 * A fake vLLM in a process of its own, so that what it costs is not counted as the client's. A message says how it goes
 * on: every so many milliseconds all streams take a step together, as an engine's batch does; 0: as fast as they are
 * read; "never": they wait where they are.
 */
import { startFakeServer } from "../../src/testing/index.ts";

export type Pace = number | "never";

let pace: Pace = 0;
let step = Promise.withResolvers<void>();
let timer: ReturnType<typeof setInterval> | undefined;

function setPace(next: Pace): void {
  pace = next;
  clearInterval(timer);
  if (next === 0) tick();
  else if (next !== "never") timer = setInterval(tick, next);
}

function tick(): void {
  const now = step;
  step = Promise.withResolvers<void>();
  now.resolve();
}

async function nextStep(): Promise<void> {
  if (pace === 0) await new Promise<void>((resolve) => void setImmediate(resolve));
  else await step.promise;
}

const words = ["sum", " of", " the", " two", " is", " even", " so", " it"];

function plan(threads: number): string {
  const items = Array.from({ length: threads }, (_, i) => `<Outline>${i + 1}: part</Outline>\n`).join("");
  return `<Parallel>\n<Outlines>\n${items}</Outlines>`;
}

/** `N words` asks for a text of so many; `fork T N` for T threads of N characters each. */
function model(prompt: string): string {
  const fork = /fork (\d+) (\d+)/.exec(prompt);
  if (fork === null) {
    const count = Number(/(\d+) words/.exec(prompt)?.[1] ?? 1);
    return Array.from({ length: count }, (_, i) => words[i % words.length] ?? "").join("");
  }
  const [, threads = "1", length = "1"] = fork;
  if (!prompt.includes("</Outlines>")) return plan(Number(threads));
  return prompt.endsWith(":") ? `${"x".repeat(Number(length))}</Thread>` : "</Parallel>done";
}

const server = await startFakeServer({ kind: "vllm", model, contextTokens: 100_000, sleep: nextStep });
process.on("message", (next: Pace) => {
  setPace(next);
  process.send?.("set");
});
process.send?.({ url: server.baseURL });
