import { ThreadweaverError } from "../errors.ts";
import { ChunkPieces } from "./chunk-pieces.ts";
import type { CompletionEvent, CompletionRequest, Engine } from "./engine.ts";
import { parseOptions } from "./parse-options.ts";
import { ServerClient } from "./server-client.ts";
import { createEngineOptions } from "./server-options.ts";
import type { CreateEngineOptions } from "./server-options.ts";
import { ServerTokenizer } from "./server-tokenizer.ts";
import { learnVocabulary } from "./server-vocabulary.ts";
import type { ServerVocabulary } from "./server-vocabulary.ts";
import { TextCodec } from "./text-codec.ts";
import { modelList, vllm } from "./vllm.ts";
import type { CompletionChunk, ParsedEvent } from "./vllm.ts";

export type { CreateEngineOptions } from "./server-options.ts";

/**
 * Connects to an OpenAI-compatible server that takes prompts as token ids and answers with them (vLLM), and asks it
 * for its model, its context and its control tokens.
 *
 * @throws `invalid_option`; `engine_unavailable` when nothing answers there; `engine_refused` for a wrong key, an
 * unknown model or a server that is not of this kind.
 */
export async function createEngine(options: CreateEngineOptions): Promise<Engine> {
  const given = parseOptions("createEngine", createEngineOptions, options);
  const client = new ServerClient(given);
  try {
    const { model, contextTokens } = await findModel(client, given);
    const codec = new TextCodec(client, model);
    const vocabulary = await learnVocabulary(client, codec, model, given.controls ?? []);
    return new ServerEngine(client, codec, vocabulary, model, contextTokens);
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function findModel(
  client: ServerClient,
  { model, contextTokens }: CreateEngineOptions,
): Promise<{ model: string; contextTokens: number }> {
  const { data } = await client.get("/v1/models", modelList);
  const found = model === undefined ? data[0] : data.find(({ id }) => id === model);
  if (found === undefined) {
    const names = data.map(({ id }) => id).join(", ");
    throw new ThreadweaverError("engine_refused", `${client.address} has no model ${model ?? ""}. It has: ${names}`);
  }
  const limit = Math.min(contextTokens ?? Infinity, found.max_model_len ?? Infinity);
  if (limit !== Infinity) return { model: found.id, contextTokens: limit };
  throw new ThreadweaverError(
    "invalid_option",
    `${client.address} does not say how long its context is: set contextTokens.`,
  );
}

class ServerEngine implements Engine {
  readonly name: string;
  readonly model: string;
  readonly contextTokens: number;
  readonly parallelCalls: undefined;
  readonly tokenizer: ServerTokenizer;
  readonly #client: ServerClient;
  readonly #codec: TextCodec;
  readonly #vocabulary: ServerVocabulary;

  constructor(
    client: ServerClient,
    codec: TextCodec,
    vocabulary: ServerVocabulary,
    model: string,
    contextTokens: number,
  ) {
    this.name = client.address;
    this.model = model;
    this.contextTokens = contextTokens;
    this.tokenizer = new ServerTokenizer(codec, vocabulary);
    this.#client = client;
    this.#codec = codec;
    this.#vocabulary = vocabulary;
  }

  async *complete(request: CompletionRequest): AsyncGenerator<CompletionEvent, void, undefined> {
    const room = this.#room(request);
    const body = vllm.completionBody(request, { model: this.model, maxTokens: Math.min(request.maxTokens, room) });
    const { bos, eos } = this.#vocabulary;
    const assembler = new ChunkPieces(
      (ids) => this.#codec.decode(ids),
      (id) => id === bos || eos.includes(id),
    );
    let finish: string | undefined;
    let cachedTokens: number | undefined;
    let generated = 0;
    for await (const data of this.#client.stream(vllm.completionsPath, body, request.signal)) {
      const event = this.#parse(data);
      cachedTokens = event.cachedTokens ?? cachedTokens;
      if (event.chunk === undefined || finish !== undefined) continue;
      finish = event.chunk.finish;
      generated += event.chunk.ids.length;
      this.#learnEos(event.chunk, request);
      const pieces = await assembler.push(event.chunk);
      if (pieces.length > 0) yield { type: "pieces", pieces };
    }
    yield { type: "end", reason: this.#reason(finish, generated < request.maxTokens), cachedTokens };
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  #room({ prompt, maxTokens }: CompletionRequest): number {
    if (prompt.length === 0) throw new ThreadweaverError("invalid_prompt", "The prompt has no tokens.");
    if (!(maxTokens >= 1))
      throw new ThreadweaverError("invalid_option", `maxTokens is ${maxTokens}; it is at least 1.`);
    const room = this.contextTokens - prompt.length;
    if (room >= 1) return room;
    throw new ThreadweaverError(
      "context_exceeded",
      `The prompt has ${prompt.length} tokens, which leaves no room for one more in the context of ${this.contextTokens}.`,
    );
  }

  #parse(data: string): ParsedEvent {
    const event = this.#tryParse(data);
    if (event.error !== undefined) {
      const { message, refused } = event.error;
      if (refused)
        throw new ThreadweaverError("engine_refused", `${this.name} refused the request. It said: ${message}`);
      throw new ThreadweaverError("engine_failed", `${this.name} broke off in the middle of an answer: ${message}`);
    }
    if (event.idless !== true) return event;
    throw new ThreadweaverError(
      "engine_refused",
      `${this.name} answers without token ids, which are needed here: use a server that knows return_token_ids (vLLM).`,
    );
  }

  #tryParse(data: string): ParsedEvent {
    try {
      return vllm.parseEvent(data);
    } catch (cause) {
      throw new ThreadweaverError("engine_failed", `${this.name} sent something that is no part of an answer.`, {
        cause,
      });
    }
  }

  /** What ended a call and was no stop of ours is an end of sequence. */
  #learnEos({ ids, finish, stopId }: CompletionChunk, { stop }: CompletionRequest): void {
    const last = ids.at(-1);
    if (finish !== "stop" || last === undefined) return;
    const ours = stopId !== undefined && stop.ids.includes(stopId);
    if (!ours && !this.#vocabulary.eos.includes(last)) this.#vocabulary.eos.push(last);
  }

  /** Only the server's own word for an ending is one: a connection that simply ends was dropped. */
  #reason(finish: string | undefined, roomLeft: boolean): "stop" | "length" | "context" {
    if (finish === "stop") return "stop";
    if (finish === "length") return roomLeft ? "context" : "length";
    const how = finish === undefined ? "the answer ended without an ending" : `it ended the answer with "${finish}"`;
    throw new ThreadweaverError("engine_failed", `${this.name} broke off: ${how}.`);
  }
}
