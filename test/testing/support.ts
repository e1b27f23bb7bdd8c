import { onTestFinished } from "vitest";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeServer, FakeServerOptions } from "../../src/testing/index.ts";

/** A server that is closed when the test is over. */
export async function open(options: Partial<FakeServerOptions> = {}): Promise<FakeServer> {
  const server = await startFakeServer({ model: () => "abcdef", ...options });
  onTestFinished(() => server.close());
  return server;
}

interface Choice {
  index: number;
  text: string;
  finish_reason: string | null;
  stop_reason?: number | string | null;
  matched_stop?: number | string | null;
  token_ids?: number[] | null;
}

interface Part {
  id: string;
  choices: Choice[];
  usage?: { completion_tokens: number; prompt_tokens_details?: { cached_tokens: number } | null } | null;
}

export interface Streamed {
  status: number;
  headers: Headers;
  /** As it came. */
  text: string;
  parts: Part[];
  choices: Choice[];
}

const asked = { prompt: [256, 81], stream: true, return_token_ids: true };

export function send(
  server: FakeServer,
  body: Record<string, unknown> = {},
  { path = "/v1/completions", ...init }: RequestInit & { path?: string } = {},
): Promise<Response> {
  const headers = { "content-type": "application/json", ...(init.headers as Record<string, string>) };
  return fetch(server.baseURL + path, { ...init, method: "POST", headers, body: JSON.stringify(body) });
}

/** A streamed completion, read to its end. */
export async function stream(
  server: FakeServer,
  body: Record<string, unknown> = {},
  init: RequestInit & { path?: string } = {},
): Promise<Streamed> {
  return readStream(await send(server, { ...asked, ...body }, init));
}

export async function readStream(response: Response): Promise<Streamed> {
  const text = await response.text();
  const data = [...text.matchAll(/^data: (\{.*\})\r?$/gm)].map(([, json = ""]) => JSON.parse(json) as Part);
  const parts = data.filter((part) => Array.isArray(part.choices));
  return {
    status: response.status,
    headers: response.headers,
    text,
    parts,
    choices: parts.flatMap((part) => part.choices),
  };
}

/** How much of a prompt was cached, as the last part tells. */
export function cachedIn({ parts }: Streamed): number | undefined {
  return parts.at(-1)?.usage?.prompt_tokens_details?.cached_tokens;
}

export const withUsage = { stream_options: { include_usage: true } };
