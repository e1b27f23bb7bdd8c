import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { CreateEngineOptions } from "../../src/engine/openai.ts";
import { createEngine } from "../../src/engine/openai.ts";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { createRunner } from "../../src/run/runner.ts";
import { greedy, type GreedyRunner } from "../greedy.ts";
import { decode, encode } from "../model-tokenizer.ts";
import { interpret } from "../reference/threadweaver.ts";
import type { Transcript as Calls } from "../reference/transcript.ts";

export { decode, encode };

const {
  THREADWEAVER_VLLM_URL: vllmUrl,
  THREADWEAVER_SGLANG_URL: sglangUrl,
  THREADWEAVER_SGLANG_OLD_URL: oldUrl,
  THREADWEAVER_LLAMA_SERVER_URL: llamaUrl,
} = process.env;

/** The server under test. */
export const kind: "vllm" | "sglang" | "llamacpp" =
  vllmUrl !== undefined ? "vllm" : llamaUrl === undefined ? "sglang" : "llamacpp";
/** Whether it is an SGLang of before 0.5.17, whose completions tell no ids. */
export const isOld: boolean = oldUrl !== undefined;
export const apiKey: string | undefined = process.env["THREADWEAVER_API_KEY"] || undefined;
export const url: string = vllmUrl ?? sglangUrl ?? oldUrl ?? llamaUrl ?? "";
if (url === "") throw new Error("set THREADWEAVER_VLLM_URL or THREADWEAVER_SGLANG_URL, or use scripts/servers/run.ts");

/** Calls that the server runs and queues before it refuses more; undefined where it was started without such a limit. */
export const queueHolds: number | undefined = finite(Number(process.env["THREADWEAVER_QUEUE_HOLDS"]));

function finite(count: number): number | undefined {
  return count > 0 && count < Infinity ? count : undefined;
}

/** A problem with the greedy answer of the framework that the model was trained in. */
export interface Transcript {
  terms: unknown[];
  prompt: string;
  /** Up to and with `</Outlines>`. */
  pre: string;
  threads: string[];
  post: string;
  /** All of it, prompt and end of sequence included. */
  text: string;
}

export const transcripts: Transcript[] = JSON.parse(
  readFileSync(new URL("../fixtures/reference-transcripts.json", import.meta.url), "utf8"),
) as Transcript[];

export const [first] = transcripts as [Transcript];
export const markers: string[] = threadweaver.markers.concat("<think>", "</think>");

/** An engine on the server, closed when the test is over. */
export async function connect(options: Partial<CreateEngineOptions> = {}): Promise<ServerEngine> {
  const engine = await createEngine({ baseURL: url, apiKey, controls: markers, ...options });
  onTestFinished(() => engine.close());
  return engine;
}

export function runnerOn(engine: ServerEngine): GreedyRunner {
  return greedy(createRunner({ engine, dialect: threadweaver }));
}

export interface Recording {
  fetch: typeof fetch;
  /** Bodies of the streamed completions so far, without those that find out about the server. */
  bodies: { prompt: number[]; [field: string]: unknown }[];
}

/** Whether a call finds out about the server: for one token after one letter, or with a token that is forced. */
function isProbe({ prompt, input_ids: ids = prompt, ...sent }: Record<string, unknown>): boolean {
  const sampling = { ...sent, ...(sent["sampling_params"] as Record<string, unknown> | undefined) };
  if ("allowed_token_ids" in sampling || "logit_bias" in sampling || sampling["skip_special_tokens"] === true)
    return true;
  const most = sent["max_tokens"] ?? sent["n_predict"] ?? sampling["max_new_tokens"];
  return most === 1 && (ids === "a" || (Array.isArray(ids) && ids.length <= 2 && ids.at(-1) === 97));
}

/** Node's own fetch, with what was sent remembered. */
export function recording(): Recording {
  const bodies: Recording["bodies"] = [];
  return {
    bodies,
    async fetch(input, init) {
      const sent = typeof init?.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : {};
      if (sent["stream"] !== true || isProbe(sent)) return fetch(input, init);
      // SGLang's own interface, in which calls are made whose tokens may come many at a time, calls the prompt so.
      const body = { prompt: sent["input_ids"], ...sent } as Recording["bodies"][number];
      bodies.push(body);
      return fetch(input, init).catch((error: unknown) => {
        // It never reached the server, and is sent again.
        bodies.splice(bodies.indexOf(body), 1);
        throw error;
      });
    },
  };
}

const vocabulary = {
  bos: 256,
  eos: 257,
  markers,
  merges: [],
  idOf: (marker: string): number => encode(marker)[0] ?? -1,
  idOfMerge: (): number => -1,
  isMarker: (id: number): boolean => id > 258,
  encode,
  encodePlain: (text: string): number[] => [...Buffer.from(text)],
  decode: (ids: readonly number[]): string => decode(ids.filter((id) => id !== 256 && id !== 257)),
};

/** What the authors' loop sends for a transcript, by an interpreter that shares no code with ours. */
export function referenceCalls({ prompt, pre, threads, post }: Transcript): Calls {
  const onward = encode(`</Parallel>\n${post}`);
  return interpret(
    {
      vocabulary,
      output(_context, place, callIndex) {
        if (place !== "0") return { ids: encode(threads[Number(place.split(".")[1]) - 1] ?? ""), fate: "eos" };
        return { ids: callIndex === 0 ? encode(pre) : onward, fate: "eos" };
      },
    },
    prompt,
  );
}

const ownHeaders: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };

/** The server's own counters; of several series of one name the sum. */
export async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`, { headers: ownHeaders })).text();
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** Calls that the server is at, or has queued. */
export async function callsAtServer(): Promise<number> {
  if (kind === "vllm") return (await metric("vllm:num_requests_running")) + (await metric("vllm:num_requests_waiting"));
  if (kind === "llamacpp")
    return (await metric("llamacpp:requests_processing")) + (await metric("llamacpp:requests_deferred"));
  // SGLang's gauges stand still while it is idle.
  const answer = await fetch(`${url}/v1/loads`, { headers: ownHeaders });
  const { loads } = (await answer.json()) as { loads: { num_running_reqs: number; num_waiting_reqs: number }[] };
  return loads.reduce((sum, { num_running_reqs: running, num_waiting_reqs: waiting }) => sum + running + waiting, 0);
}
