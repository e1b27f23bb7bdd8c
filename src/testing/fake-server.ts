import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ByteTokenizer } from "./byte-tokenizer.ts";
import { Calls } from "./calls.ts";
import { errorBody } from "./errors.ts";
import { answerEmpty, answerJson, readRequest } from "./http.ts";
import { isRecord, recordAt } from "./json.ts";
import type { FakeServerOptions, SeenCall } from "./options.ts";
import { bodyRefusal } from "./refusals/body.ts";
import { refuse } from "./refusals/index.ts";
import { routeOf } from "./routes.ts";
import { settingsOf } from "./settings.ts";
import type { Settings } from "./settings.ts";
import { smallAnswer } from "./small-paths.ts";

/** A server that runs until it is closed. */
export interface FakeServer extends AsyncDisposable {
  /** The server's address, such as `http://127.0.0.1:41234`, without `/v1`. */
  readonly baseURL: string;
  readonly tokenizer: ByteTokenizer;
  /** Completions and chats so far, without probes, in the order in which they came. Refused ones are not among them. */
  readonly calls: readonly SeenCall[];
  /** Completions and chats that were not streamed, or asked for one token after one letter: `createEngine` makes some. */
  readonly probes: readonly SeenCall[];
  /** Every request so far, such as `GET /v1/models`. */
  readonly requests: readonly string[];
  /** Connections accepted so far. */
  readonly connections: number;
  /** How many streamed calls are running. */
  readonly running: number;
  close(): Promise<void>;
}

/** Starts a fake server on a free port of the loopback interface. Close it with `close()` or `await using`. */
export async function startFakeServer(options: FakeServerOptions): Promise<FakeServer> {
  const fake = new Fake(settingsOf(options));
  await fake.listen();
  return fake;
}

class Fake implements FakeServer {
  baseURL = "";
  readonly requests: string[] = [];
  connections = 0;
  readonly #settings: Settings;
  readonly #calls: Calls;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#calls = new Calls(settings);
    // vLLM and SGLang close a connection that was idle for 5 s.
    this.#server.keepAliveTimeout = 5000;
    this.#server.on("connection", () => void this.connections++);
  }

  get tokenizer(): ByteTokenizer {
    return this.#settings.tokenizer;
  }

  get calls(): readonly SeenCall[] {
    return this.#calls.made;
  }

  get probes(): readonly SeenCall[] {
    return this.#calls.probes;
  }

  get running(): number {
    return this.#calls.running;
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
    try {
      await this.#dispatch(request, response);
    } catch (error) {
      // The test's own model threw. The error is sent to its client, where the test sees it.
      const refusal = { status: 500, message: error instanceof Error ? error.message : String(error) };
      if (response.headersSent) response.destroy();
      else answerJson(response, this.#settings, 500, errorBody(this.#settings, undefined, refusal));
    }
  }

  async #dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const settings = this.#settings;
    const asked = await readRequest(request);
    const { method, path } = asked;
    this.requests.push(`${method} ${request.url}`);
    const route = routeOf(settings.kind, path);
    const no = (status: number, message: string): void =>
      answerJson(response, settings, status, errorBody(settings, route, refuse(message, { status })));
    if (!isAllowed(settings, request, path)) return no(401, "Invalid API Key");
    if (route !== undefined && method === "POST") {
      const refusal = bodyRefusal(settings, route, asked, request.headers["content-type"]);
      if (refusal !== undefined)
        return answerJson(response, settings, refusal.status, errorBody(settings, route, refusal));
      const body = recordAt(asked.body);
      if (this.#killedBy(body)) return void this.close();
      return this.#calls.answer(request, response, route, body);
    }
    const small = smallAnswer(settings, method, path, recordAt(asked.body));
    if (small !== undefined) {
      if (path === "/abort_request") this.#abort(asked.body);
      return small.body === undefined
        ? answerEmpty(response, settings)
        : answerJson(response, settings, small.status, small.body);
    }
    if (settings.family === "llamacpp") return answerJson(response, settings, 404, noFile);
    if (route === undefined) return answerJson(response, settings, 404, { detail: "Not Found" });
    answerJson(response, settings, 405, { detail: "Method Not Allowed" }, { allow: "POST" });
  }

  #abort(body: unknown): void {
    if (!isRecord(body)) return;
    if (body["abort_all"] === true) this.#calls.named.abortAll();
    else this.#calls.named.abort(String(body["rid"]));
  }

  /** One id outside the vocabulary crashes SGLang. */
  #killedBy(body: Record<string, unknown>): boolean {
    const ids: unknown = body["input_ids"] ?? body["prompt"];
    if (this.#settings.family !== "sglang" || !Array.isArray(ids)) return false;
    return ids.flat().some((id: unknown) => typeof id === "number" && (id < 0 || id >= this.tokenizer.size));
  }
}

/** llama.cpp writes this one in another order than its other errors. */
const noFile = { error: { message: "File Not Found", type: "not_found_error", code: 404 } };

/** vLLM asks for the key under `/v1` and `/inference`, the others everywhere but on `/health`. */
function isAllowed({ apiKey, family }: Settings, { headers }: IncomingMessage, path: string): boolean {
  const guarded = family === "vllm" ? /^\/(v1|inference)\//.test(path) : path !== "/health";
  if (apiKey === undefined || !guarded) return true;
  if (family === "llamacpp" && headers["x-api-key"] === apiKey) return true;
  const [scheme = "", ...key] = (headers.authorization ?? "").split(" ");
  return scheme.toLowerCase() === "bearer" && key.join(" ") === apiKey;
}

function isNetwork(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
