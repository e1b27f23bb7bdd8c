import { readFileSync } from "node:fs";

/** What a real server was asked, and what it answered, byte for byte. */
export interface Exchange {
  name: string;
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: Record<string, unknown>;
  /** In place of `body`, what is not JSON. */
  raw?: string;
  answer: Answer;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

export function recording(name: string): Exchange[] {
  const file = new URL(`../fixtures/wire/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8"), longPrompt) as Exchange[];
}

/** Long prompts are `<s>` and then nothing but A's. */
function longPrompt(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("repeat" in value)) return value;
  return [256, ...Array.from({ length: Number(value.repeat) - 1 }, () => 65)];
}

export async function ask(baseURL: string, { method, path, headers, body, raw }: Exchange): Promise<Answer> {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const type = method === "POST" ? { "content-type": "application/json" } : {};
  const response = await fetch(baseURL + path, { method, headers: { ...type, ...headers }, body: sent ?? null });
  const own = ["date", "content-length", "transfer-encoding"];
  return {
    status: response.status,
    headers: Object.fromEntries([...response.headers].filter(([name]) => !own.includes(name))),
    text: await response.text(),
  };
}

const times =
  /"(forward_entry_time|prefill_finished_time|queue_time|e2e_latency|request_received_ts|first_token_latency|api_server_dispatch_finish_ts|request_finished_ts|decode_throughput|response_sent_to_client_ts)":[\d.e-]+/g;

/** Without what is another thing at each call, or a measure: names, times, the server's fingerprint, and of log-probabilities
 * what depends on what was computed together. */
export function normalised({ text, ...answer }: Answer): Answer {
  return {
    ...answer,
    text: text
      .replaceAll(/"id":"((?:chat)?cmpl-|modelperm-|)[\da-f]{16,32}"/g, '"id":"$1…"')
      .replaceAll(/"created":\d+/g, '"created":0')
      .replaceAll(/("system_fingerprint":"vllm-[\d.]+-)[\da-f]+"/g, '$1…"')
      .replaceAll(/-\d\.\d+e-0?6/g, "0.0")
      .replaceAll(/(-\d+\.\d{2})\d+/g, "$1…")
      .replaceAll(/"root":"[^"]*models\/[^"]*"/g, '"root":"…"')
      .replaceAll(/File \\"[^"]*(sglang\/srt\/\S+\.py)\\", line \d+/g, 'File \\"$1\\", line 0')
      .replaceAll(times, '"$1":0')
      .replaceAll(/"id_slot":\d+/g, '"id_slot":0')
      .replaceAll(/"id":"chatcmpl-\w{32}"/g, '"id":"chatcmpl-…"')
      .replaceAll(/"(prompt|predicted)_(ms|per_token_ms|per_second)":[\d.e+-]+/g, '"$1_$2":0')
      .replaceAll(/"media_marker":"[^"]*"|"model_path":"[^"]*"/g, '"…":"…"'),
  };
}
