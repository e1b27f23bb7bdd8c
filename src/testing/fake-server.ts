import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ByteTokenizer } from "./byte-tokenizer.ts";
import { generate } from "./generation.ts";
import type { Generated, Wanted } from "./generation.ts";
import type { FakeServerOptions, SeenCall } from "./options.ts";
import { PrefixCache } from "./prefix-cache.ts";
import { readRequest, refusalOf } from "./requests.ts";
import { describe, tokenizerAnswer } from "./small-paths.ts";
import { wires, withoutIds } from "./wire.ts";
import type { Part, Wire } from "./wire.ts";

/** A server that runs until it is closed. */
export interface FakeServer extends AsyncDisposable {
  baseURL: string;
  tokenizer: ByteTokenizer;
  /** Streamed completions so far, in the order in which they came. */
  calls: SeenCall[];
  /** Every request so far, such as `GET /v1/models`. */
  requests: string[];
  /** Streamed completions that are under way. */
  readonly running: number;
  close(): Promise<void>;
}

const defaultControls = [
  "<pad>",
  "<think>",
  "</think>",
  "<Parallel>",
  "</Parallel>",
  "<Outlines>",
  "</Outlines>",
].concat(["<Outline>", "</Outline>", "<Thread>", "</Thread>"]);

/** Starts a server on a free port of the loopback. */
export async function startFakeServer(options: FakeServerOptions): Promise<FakeServer> {
  const fake = new Fake(options);
  await fake.listen();
  return fake;
}

class Fake implements FakeServer {
  baseURL = "";
  readonly tokenizer: ByteTokenizer;
  readonly calls: SeenCall[] = [];
  readonly requests: string[] = [];
  running = 0;
  readonly #options: FakeServerOptions;
  readonly #kind: NonNullable<FakeServerOptions["kind"]>;
  readonly #cache: PrefixCache;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  /** SGLang's calls by name. */
  readonly #named = new Map<string, AbortController>();

  constructor(options: FakeServerOptions) {
    this.#options = options;
    this.#kind = options.kind ?? "vllm";
    this.tokenizer = new ByteTokenizer(options.controls ?? defaultControls);
    this.#cache = new PrefixCache(options.cacheBlock ?? (this.#kind === "vllm" ? 16 : 1));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (isNetwork(address)) this.baseURL = `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { line, path, body } = await readRequest(request);
    this.requests.push(line);
    const { apiKey } = this.#options;
    const wire = this.#wireOf(path);
    if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}` && path !== "/health") {
      return json(response, 401, wire.error(401, "Unauthorized"));
    }
    const small =
      describe(this.#kind, line, this.#options, this.tokenizer) ??
      tokenizerAnswer(this.#kind, path, body, this.tokenizer);
    if (small !== undefined) return json(response, 200, small);
    if (line === "POST /abort_request" && this.#kind.startsWith("sglang")) {
      this.#named.get(String(body["rid"]))?.abort();
      return void response.writeHead(200).end();
    }
    const both = this.#kind.startsWith("sglang") && (path === "/v1/completions" || path === "/generate");
    if (path !== pathOfCalls(this.#kind) && !both) {
      return json(response, 404, { detail: "Not Found" });
    }
    await this.#complete(request, response, wire, body);
  }

  #wireOf(path: string): Wire {
    if (this.#kind === "sglang" && path === "/generate") return wires["sglang-native"];
    return this.#kind === "sglang-native" && path === "/v1/completions" ? withoutIds : wires[this.#kind];
  }

  async #complete(
    request: IncomingMessage,
    response: ServerResponse,
    wire: Wire,
    body: Record<string, unknown>,
  ): Promise<void> {
    const { contextTokens = 2048, maxCalls = Infinity, model } = this.#options;
    const parsed = refusalOf(this.#kind, body, this.tokenizer, contextTokens);
    if (typeof parsed === "string") return json(response, 400, wire.error(400, parsed));
    const full = this.running >= maxCalls;
    if (body["stream"] !== true) {
      if (full) return json(response, 503, wire.error(503, "The request queue is full."));
      return json(response, 200, this.#whole(wire, parsed, generate(this.tokenizer, parsed, asAnswer("a"))));
    }
    // SGLang refuses a stream inside HTTP 200.
    if (full && this.#kind !== "sglang") return json(response, 503, wire.error(503, "The request queue is full."));
    begin(response);
    if (full) return this.#finish(response, wire, [wire.errorEvent(503, "The request queue is full.")]);
    const call: SeenCall = { prompt: parsed.prompt, body, headers: request.headers, hungUp: false, aborted: false };
    this.calls.push(call);
    const answer = asAnswer(model(this.tokenizer.decode(parsed.prompt), this.calls.length - 1));
    await this.#stream(response, wire, call, parsed, generate(this.tokenizer, parsed, answer));
  }

  async #stream(
    response: ServerResponse,
    wire: Wire,
    call: SeenCall,
    wanted: Wanted,
    generated: Generated,
  ): Promise<void> {
    const { tokensPerChunk = 1, chunkDelayMs = 0, comments = false } = this.#options;
    const cachedTokens = this.#cachedTokens(wanted);
    const aborter = new AbortController();
    const name = call.body["rid"];
    if (typeof name === "string") this.#named.set(name, aborter);
    response.once("close", () => void (call.hungUp = !response.writableFinished));
    this.running += 1;
    let at = 0;
    try {
      // vLLM's blocks are in its cache as soon as they are asked for, SGLang's when the call is over.
      if (this.#kind === "vllm") this.#cache.add([...wanted.prompt, ...generated.ids]);
      do {
        await sleep(chunkDelayMs);
        if (call.hungUp) return;
        if (aborter.signal.aborted) break;
        const end = Math.min(at + tokensPerChunk, generated.ids.length);
        const isLast = end === generated.ids.length;
        if (isLast && generated.finish === undefined && end === at) break;
        await this.#write(response, wire.part(this.#part(wanted, generated, at, end, isLast, cachedTokens)));
        if (comments) response.write(": ping\n\n");
        at = end;
      } while (at < generated.ids.length);
      this.#cache.add([...wanted.prompt, ...generated.ids.slice(0, Math.max(0, at - 1))]);
      call.aborted = aborter.signal.aborted;
      const shown = aborter.signal.aborted
        ? { ...generated, finish: "abort" as const, ending: "eos" as const }
        : generated;
      await this.#end(response, wire, shown, this.#part(wanted, shown, at, at, true, cachedTokens), call.aborted);
    } finally {
      this.running -= 1;
      if (typeof name === "string") this.#named.delete(name);
    }
  }

  async #end(response: ServerResponse, wire: Wire, { ending }: Generated, last: Part, aborted: boolean): Promise<void> {
    // What was written still arrives.
    if (ending === "drop") {
      response.socket?.destroySoon();
      return;
    }
    if (ending === "silence") return;
    if (ending === "end") return void response.end();
    if (ending === "error") {
      return this.#finish(response, wire, [wire.errorEvent(500, "EngineCore encountered an issue.")]);
    }
    const usage = wire.usage(last);
    await this.#finish(response, wire, [
      ...(aborted ? [wire.part(last)] : []),
      ...(usage === undefined ? [] : [usage]),
    ]);
  }

  async #finish(response: ServerResponse, wire: Wire, parts: readonly unknown[]): Promise<void> {
    for (const part of parts) await this.#write(response, part);
    if (wire.done) response.write("data: [DONE]\n\n");
    response.end();
  }

  async #write(response: ServerResponse, data: unknown): Promise<void> {
    const bytes = Buffer.from(`data: ${JSON.stringify(data)}\n\n`);
    const { bytesPerWrite = bytes.length } = this.#options;
    for (let at = 0; at < bytes.length; at += bytesPerWrite) response.write(bytes.subarray(at, at + bytesPerWrite));
  }

  #whole(wire: Wire, wanted: Wanted, generated: Generated): unknown {
    const cachedTokens = this.#cachedTokens(wanted);
    this.#cache.add([...wanted.prompt, ...generated.ids.slice(0, -1)]);
    const part = this.#part(wanted, generated, 0, generated.ids.length, true, cachedTokens);
    const usage = wire.usage(part);
    return {
      ...asObject(usage),
      ...asObject(wire.part(part)),
      ...("usage" in asObject(usage) ? { usage: asObject(usage)["usage"] } : {}),
    };
  }

  /** Bytes that are no character yet are held back. */
  #textOf(ids: readonly number[]): string {
    return this.tokenizer.decode(ids).replace(/\uFFFD+$/, "");
  }

  #cachedTokens({ prompt }: Wanted): number | undefined {
    return (this.#options.cacheReport ?? true) ? this.#cache.hit(prompt) : undefined;
  }

  #part(
    { prompt, showsStop }: Wanted,
    { ids, finish }: Generated,
    from: number,
    to: number,
    isLast: boolean,
    cachedTokens: number | undefined,
  ): Part {
    const stopped = isLast && finish === "stop";
    const shown = stopped && !showsStop ? to - 1 : to;
    return {
      model: "forkjoin-arith",
      text: this.#textOf(ids.slice(0, shown)).slice(this.#textOf(ids.slice(0, from)).length),
      ids: ids.slice(from, to),
      wholeText: this.#textOf(ids.slice(0, shown)),
      wholeIds: ids.slice(0, to),
      promptTokens: prompt.length,
      finish: isLast ? finish : undefined,
      stopId: stopped ? ids.at(-1) : undefined,
      isEos: stopped && ids.at(-1) === this.tokenizer.eos,
      cachedTokens,
    };
  }
}

function pathOfCalls(kind: NonNullable<FakeServerOptions["kind"]>): string {
  if (kind === "llamacpp") return "/completion";
  if (kind === "sglang-native") return "/generate";
  return kind === "chat" ? "/v1/chat/completions" : "/v1/completions";
}

function asAnswer(answer: ReturnType<FakeServerOptions["model"]>): Exclude<typeof answer, string> {
  return typeof answer === "string" ? { text: answer } : answer;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Headers as uvicorn's. */
function begin(response: ServerResponse): void {
  response.writeHead(200, { server: "uvicorn", "content-type": "text/event-stream; charset=utf-8", vary: "Origin" });
  response.flushHeaders();
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function isNetwork(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
