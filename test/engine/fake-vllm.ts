import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The tokenizer of the small model: bytes, then these from id 256 on. */
const markers = [
  "<s>",
  "</s>",
  "<pad>",
  "<think>",
  "</think>",
  "<Parallel>",
  "</Parallel>",
  "<Outlines>",
  "</Outlines>",
  "<Outline>",
  "</Outline>",
  "<Thread>",
  "</Thread>",
];

interface CompletionBody {
  prompt: number[];
  max_tokens: number;
  stop_token_ids?: number[];
  allowed_token_ids?: number[];
  stream?: boolean;
  [field: string]: unknown;
}

/** Answers a streamed completion. */
export type Completion = (response: ServerResponse, body: CompletionBody) => void;

export interface FakeVllm {
  baseURL: string;
  /** Bodies of the streamed completions so far. */
  bodies: CompletionBody[];
  /** All requests so far: method, path, headers. */
  requests: { line: string; headers: IncomingMessage["headers"] }[];
  /** Connections accepted so far. */
  connections: number;
  close(): void;
}

/** A server with the wire behaviour of vLLM 0.32.0, as measured; streamed completions are what the test says. */
export async function fakeVllm(
  completion: Completion,
  overrides: Record<string, (response: ServerResponse) => void> = {},
): Promise<FakeVllm> {
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const line = `${request.method} ${request.url}`;
      fake.requests.push({ line, headers: request.headers });
      const override = overrides[line];
      if (override !== undefined) return override(response);
      return answer(line, text, response);
    });
  });

  function answer(line: string, text: string, response: ServerResponse): void {
    const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    if (line === "GET /v1/models") return json(response, 200, models);
    if (line === "POST /tokenize") return tokenize(response, body);
    if (line === "POST /detokenize")
      return json(response, 200, `{"prompt":${JSON.stringify(decode(body["tokens"] as number[]))}}`);
    if (line !== "POST /v1/completions") return json(response, 404, `{"detail":"Not Found"}`);
    const wanted = body as unknown as CompletionBody;
    if (wanted.stream !== true) return probe(response, wanted);
    fake.bodies.push(wanted);
    return completion(response, wanted);
  }

  const fake: FakeVllm = { baseURL: "", bodies: [], requests: [], connections: 0, close };
  function close(): void {
    server.closeAllConnections();
    server.close();
  }
  server.on("connection", () => fake.connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  fake.baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return fake;
}

const models =
  '{"object":"list","data":[{"id":"forkjoin-arith","object":"model","created":1795423396,"owned_by":"vllm","root":"/m","parent":null,"max_model_len":2048,"permission":[]}]}';

export function json(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}

/** Begins an event stream as uvicorn does. */
export function begin(response: ServerResponse): ServerResponse {
  return response.writeHead(200, {
    server: "uvicorn",
    "content-type": "text/event-stream; charset=utf-8",
    vary: "Origin",
  });
}

export function send(response: ServerResponse, data: string): void {
  response.write(`data: ${data}\n\n`);
}

const id = "cmpl-9f24d41a209d0ed0";

/** One chunk, byte for byte as vLLM writes it, but for the id and the time. */
export function chunk(text: string, ids: number[], finish: string | null = null, stop: number | null = null): string {
  return `{"id":"${id}","object":"text_completion","created":1795423162,"model":"forkjoin-arith","choices":[{"index":0,"text":${JSON.stringify(text)},"logprobs":null,"finish_reason":${JSON.stringify(finish)},"stop_reason":${stop},"prompt_token_ids":null,"token_ids":${JSON.stringify(ids)}}]}`;
}

function usage(cached: number): string {
  return `{"id":"${id}","object":"text_completion","created":1795423162,"model":"forkjoin-arith","choices":[],"usage":{"prompt_tokens":16,"total_tokens":19,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":${cached}}},"system_fingerprint":"vllm-0.32.0-0bf2a2df"}`;
}

/** A whole answer: these chunks, the usage, `[DONE]`. */
export function streaming(...data: string[]): Completion {
  return (response) => {
    begin(response);
    for (const one of [...data, usage(96), "[DONE]"]) send(response, one);
    response.end();
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function tokenize(response: ServerResponse, body: Record<string, unknown>): void {
  const messages = body["messages"] as { role: string; content: string }[] | undefined;
  const rendered = messages?.map(({ content }) => `${content.trim()}\n`).join("");
  if (messages?.[0]?.role === "nobody") {
    return json(
      response,
      400,
      `{"error":{"message":"As of transformers v4.44, default chat template is no longer allowed","type":"BadRequestError","param":null,"code":400}}`,
    );
  }
  const ids = rendered === undefined ? encode(body["prompt"] as string) : [256, ...encode(rendered)];
  const tokens = body["add_special_tokens"] === true ? [256, ...ids] : ids;
  json(
    response,
    200,
    `{"count":${tokens.length},"max_model_len":2048,"tokens":${JSON.stringify(tokens)},"token_strs":null}`,
  );
}

/** What the engine asks before the first call: the size of the vocabulary, and which tokens end a generation. */
function probe(
  response: ServerResponse,
  { stop_token_ids: stops = [], allowed_token_ids: allowed = [] }: CompletionBody,
): void {
  const [alien] = stops;
  if (alien !== undefined) {
    const message = `token_id(s) [${alien}] in stop_token_ids contain out-of-vocab token ids. Vocabulary size: 269 (parameter=stop_token_ids, value=[${alien}])`;
    return json(
      response,
      400,
      `{"error":{"message":"${message}","type":"BadRequestError","param":"stop_token_ids","code":400}}`,
    );
  }
  // Without a forced token: what the model would say first, to see whether ids come back.
  const [only = 259] = allowed;
  const ending =
    only === 257
      ? `"finish_reason":"stop","stop_reason":null,"token_ids":[257]`
      : `"finish_reason":"length","stop_reason":null,"token_ids":[${only},${only}]`;
  json(
    response,
    200,
    `{"id":"${id}","object":"text_completion","choices":[{"index":0,"text":"","logprobs":null,${ending}}]}`,
  );
}

export function encode(text: string): number[] {
  return text
    .split(new RegExp(`(${markers.join("|")})`))
    .flatMap((part) => (markers.includes(part) ? [256 + markers.indexOf(part)] : [...Buffer.from(part)]));
}

export function decode(ids: readonly number[]): string {
  return Buffer.from(ids.flatMap((one) => (one < 256 ? [one] : [...Buffer.from(markers[one - 256] ?? "")]))).toString();
}
