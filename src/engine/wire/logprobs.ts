import type { TopLogprob } from "../../core/trie/piece.ts";
import { ThreadweaverError } from "../../errors.ts";
import type { Logprobs } from "../engine.ts";
import type { EngineProfile } from "../profile.ts";
import { isRecord, numberAt, readPath, textAt } from "./json-path.ts";

/** How vLLM writes a token when it is asked for ids instead of texts. */
const asId = /^token_id:(\d+)$/;

/**
 * Reads the log-probabilities of the tokens of a part. Servers write each as a number, as a list that begins with one
 * (SGLang's own route), or as an object (llama.cpp). Undefined where any of them is missing.
 */
export function readLogprobs(list: unknown): number[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const values: number[] = [];
  for (const entry of list) {
    const value = Array.isArray(entry) ? numberAt(entry, "0") : (numberAt(entry, "logprob") ?? numberAt([entry], "0"));
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/**
 * Reads the likely tokens at the place of each token of a part, best first. Servers write those of one place as an
 * object from texts to log-probabilities (OpenAI's form), as a list of lists `[logprob, id, text]` (SGLang's own
 * route), or as a list of objects (llama.cpp).
 *
 * @param count how many were requested. Some servers add the token that was chosen.
 */
export function readTopLogprobs(list: unknown, count: number): TopLogprob[][] | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.map((place: unknown) =>
    candidatesAt(place)
      .toSorted((a, b) => b.logprob - a.logprob)
      .slice(0, count),
  );
}

function candidatesAt(place: unknown): TopLogprob[] {
  const inside = readPath(place, "top_logprobs");
  const list = Array.isArray(inside) ? inside : place;
  if (Array.isArray(list)) return list.flatMap(candidateOf);
  if (!isRecord(list)) return [];
  return Object.entries(list).flatMap(([token, logprob]): TopLogprob[] => {
    if (typeof logprob !== "number") return [];
    const id = asId.exec(token)?.[1];
    return [id === undefined ? { text: token, logprob } : { id: Number(id), logprob }];
  });
}

function candidateOf(entry: unknown): TopLogprob[] {
  const isList = Array.isArray(entry);
  const logprob = numberAt(entry, isList ? "0" : "logprob");
  if (logprob === undefined) return [];
  const id = numberAt(entry, isList ? "1" : "id");
  const text = textAt(entry, isList ? "2" : "token");
  return [{ ...(id === undefined ? {} : { id }), ...(text === undefined ? {} : { text }), logprob }];
}

/** Refuses log-probabilities that a server cannot return, before anything is requested. @throws `invalid_option` */
export function requireLogprobs(address: string, { request, answer }: EngineProfile, asked: Logprobs): void {
  if (asked === false) return;
  if (request.logprobs === null || answer.logprobs === null) {
    throw new ThreadweaverError(
      "invalid_option",
      `logprobs are not available: ${address} does not return log-probabilities by token, as far as its profile says.`,
    );
  }
  if (asked === true || (request.topLogprobs !== null && answer.topLogprobs !== null)) return;
  throw new ThreadweaverError(
    "invalid_option",
    `logprobs.top is not available: ${address} returns the log-probabilities of the chosen tokens only.`,
  );
}
