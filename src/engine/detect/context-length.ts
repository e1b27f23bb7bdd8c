import * as z from "zod";
import type { ServerClient } from "../http/server-client.ts";
import { isRecord, numberAt, readPath } from "../wire/json-path.ts";
import { optional } from "./optional.ts";

/** Where servers and providers put the length of a model's context in their lists of models, the surest first. */
const places = [
  "max_model_len", // vLLM, SGLang
  "meta.n_ctx", // llama.cpp
  "loaded_context_length", // LM Studio, as the model is loaded
  "top_provider.context_length", // OpenRouter
  "context_length", // Together, Fireworks, Moonshot, OpenRouter
  "context_window", // Groq
  "max_context_length", // Mistral, LM Studio
  "metadata.context_length", // DeepInfra
  "model_info.max_input_tokens", // LiteLLM
  "limits.max_context_length",
  "max_context_tokens",
  "context_size",
] as const;

/** The length of the context, in tokens, as a list of models says it. Undefined where it does not. */
export function contextIn(model: unknown): number | undefined {
  for (const place of places) {
    const length = numberAt(model, place);
    if (length !== undefined && Number.isInteger(length) && length > 1) return length;
  }
  return undefined;
}

/** Paths of servers that say it elsewhere, and where the entries of models are in their answers. */
const elsewhere = [
  { path: "/api/v0/models", list: "data", names: ["id"] }, // LM Studio
  { path: "/api/ps", list: "models", names: ["name", "model"] }, // Ollama: the models that are loaded
  { path: "/model/info", list: "data", names: ["model_name"] }, // LiteLLM
] as const;

/** Asks the servers that say it elsewhere. To be asked once a model was used, since some load it for that. */
export async function askContext(client: ServerClient, model: string): Promise<number | undefined> {
  for (const { path, list, names } of elsewhere) {
    // oxlint-disable-next-line no-await-in-loop -- the next is asked only if this one does not know
    const answer = await optional(client.get(path, z.unknown()));
    const entries = readPath(answer, list);
    const entry = Array.isArray(entries)
      ? entries.find((one: unknown) => isRecord(one) && names.some((name) => isModel(one[name], model)))
      : undefined;
    const length = contextIn(entry);
    if (length !== undefined) return length;
  }
  // TGI has one model.
  return numberAt(await optional(client.get("/info", z.unknown())), "max_total_tokens");
}

/** Ollama adds the tag that is meant where none is given. */
export function isModel(name: unknown, wanted: string): boolean {
  return name === wanted || name === `${wanted}:latest`;
}
