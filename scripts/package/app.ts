// What an application does with the installed package: it is type-checked and run by scripts/check-package.ts.
import { createEngine, createRunner, threadweaver, ThreadweaverError, type RunResult } from "threadweaver";
import { generatedBy } from "threadweaver/core";
import type { Engine } from "threadweaver/engine";
import { logRuns } from "threadweaver/observe";
import { telemetry } from "threadweaver/otel";
import { startFakeServer } from "threadweaver/testing";

const plan = "<Parallel>\n<Outlines>\n<Outline>1: a</Outline>\n<Outline>2: b</Outline>\n</Outlines>";

const server = await startFakeServer({
  model: (prompt) => {
    if (prompt.includes("silence")) return { text: "so ", ending: "silence" };
    if (prompt.includes("busy")) return { text: "", refusal: { status: 503, message: "full", retryAfter: 2 } };
    if (/<Thread>\n\d:$/.test(prompt)) return " done</Thread>";
    return prompt.endsWith("</Thread>\n") ? "</Parallel>\nBoth." : plan;
  },
});

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

await using engine = await createEngine({ baseURL: server.baseURL, timeouts: { idleMs: 500 } });
const same: Engine = engine;
const lines: string[] = [];
const log = (_fields: object, message: string) => void lines.push(message);
const observe = [telemetry(), logRuns({ debug() {}, info: log, warn: log, error: log })];
const runner = createRunner({ engine: same, dialect: threadweaver, observe });

// Streams.
const run = runner.run({ prompt: "Q\n" }, { temperature: 0, headers: { "x-tenant": "a" }, tree: true });
let text = "";
for await (const chunk of run.textStream) text += chunk;
const result = await run.result;
check(text === result.text && text.endsWith("Both."), `streamed ${text}`);
check(result.finishReason === "stop" && result.usage.outputTokens > 0 && result.samplingBy === "run", "no result");
check(lines.join() === "run begins,run ends", `logged ${lines.join()}`);
check(generatedBy(result.tree, "0/1.2").length === result.threads[1]?.tokens, "no tokens of a thread");
check(
  server.calls.every(({ headers }) => headers["x-tenant"] === "a"),
  "no headers",
);

/** Handles each error by its fields, without a cast. */
async function handled(prompt: string, signal?: AbortSignal): Promise<string> {
  try {
    const { content }: RunResult = await runner.run({ prompt }, { signal, temperature: 0, retry: false }).result;
    return content;
  } catch (error) {
    if (error instanceof ThreadweaverError) {
      if (error.name === "AbortError") return `cancelled after "${error.partial?.text ?? ""}"`;
      if (error.code === "timeout") return `too slow, ${error.partial?.threads.length ?? 0} threads`;
      if (error.retryable) return `again in ${error.retryAfterMs ?? 0} ms (${error.status ?? 0})`;
    }
    if (ThreadweaverError.isInstance(error))
      return `${error.code} of ${error.threadId ?? "no thread"}: ${error.message}`;
    throw error;
  }
}

check((await handled("busy")) === "again in 2000 ms (503)", await handled("busy"));
check((await handled("silence")) === "too slow, 0 threads", await handled("silence"));
check((await handled("a <Thread>")).startsWith("invalid_prompt of no thread"), await handled("a <Thread>"));

// Cancels.
const controller = new AbortController();
controller.abort();
check((await handled("silence", controller.signal)) === 'cancelled after ""', "not cancelled");

await runner.close();
await server.close();
console.log("the application works");
