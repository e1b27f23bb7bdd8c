import type { Asked } from "./asked.ts";
import type { FakeAnswer, FakeEnding } from "./options.ts";
import { rawText } from "./raw-text.ts";
import type { Settings } from "./settings.ts";

export interface Generated {
  ids: readonly number[];
  /** The finish reason. Undefined: it breaks off in the way of `ending`. */
  finish: "stop" | "length" | "abort" | undefined;
  /** With `stop`: the id or the string that ended it. */
  matched: number | string | undefined;
  isEos: boolean;
  /** How many ids came after the one that completed a stop string, in the same step. */
  past: number;
  /** One log-probability for each id. Missing ones are 0. */
  logprobs: readonly number[];
  /** The likely tokens for each id. */
  topLogprobs: readonly (readonly { id: number; logprob: number }[])[];
  ending: FakeEnding;
}

/** What is generated of an answer: up to the first thing that ends it, or as far as there is room. */
export function generate(
  settings: Settings,
  asked: Asked,
  prompt: readonly number[],
  { text, ids: spelled = settings.tokenizer.encode(text), logprobs = [], topLogprobs = [], ending = "eos" }: FakeAnswer,
): Generated {
  const { tokenizer, family, contextTokens } = settings;
  const room = contextTokens - (family === "sglang" ? 2 : 0) - prompt.length;
  const maxTokens = Math.min(asked.maxTokens ?? Infinity, room);
  const { forced } = asked;
  const said = forced === undefined ? spelled : Array.from({ length: maxTokens }, () => forced);
  const all = ending === "eos" && forced === undefined ? [...said, tokenizer.eos] : said;
  const read = rawText(settings, asked, prompt);
  for (let at = 0; at < Math.min(all.length, maxTokens); at++) {
    const matched = matchAt(settings, asked, all, at, (end) => read(all.slice(0, end), false));
    if (matched === undefined) continue;
    const ids = all.slice(0, at + 1 + (typeof matched === "string" ? settings.tokensPastStop : 0));
    const isEos = matched === tokenizer.eos && !asked.ignoresEos;
    return { ids, finish: "stop", matched, isEos, past: ids.length - at - 1, logprobs, topLogprobs, ending: "eos" };
  }
  const none = { matched: undefined, isEos: false, past: 0, logprobs, topLogprobs };
  if (all.length >= maxTokens) return { ids: all.slice(0, maxTokens), finish: "length", ...none, ending: "eos" };
  return { ids: all, finish: ending === "abort" ? "abort" : undefined, ...none, ending };
}

function matchAt(
  { tokenizer, family, moreEos }: Settings,
  { ignoresEos, stopIds, stopStrings }: Asked,
  ids: readonly number[],
  at: number,
  textTo: (end: number) => string,
): number | string | undefined {
  const id = ids[at] ?? -1;
  const isEos = (id === tokenizer.eos || moreEos.includes(id)) && !ignoresEos;
  const ends = isEos || (family !== "llamacpp" && stopIds.includes(id));
  // vLLM tests ids first, SGLang strings.
  if (ends && family !== "sglang") return id;
  const text = stopStrings.length === 0 ? "" : textTo(at + 1);
  const found = stopStrings.filter((stop) => text.includes(stop));
  if (found.length === 0) return ends ? id : undefined;
  // SGLang takes the first of the list, vLLM the one that is complete first.
  const endOf = (stop: string): number => text.indexOf(stop) + stop.length;
  return family === "sglang" ? found[0] : found.toSorted((a, b) => endOf(a) - endOf(b))[0];
}
