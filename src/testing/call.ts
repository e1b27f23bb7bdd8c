import { createHash } from "node:crypto";
import type { Asked } from "./asked.ts";
import type { Generated } from "./generation.ts";
import type { CacheEntry } from "./prefix-cache.ts";
import type { Settings } from "./settings.ts";
import type { VisibleText } from "./visible-text.ts";

/** One answer of a call. */
export interface Choice {
  index: number;
  /** The id of the answer. On SGLang each answer has its own. */
  id: string;
  prompt: readonly number[];
  /** Whether it is the first answer to its prompt. */
  isFirstOfPrompt: boolean;
  cache: CacheEntry;
  generated: Generated;
  visible: VisibleText;
}

export interface Call {
  id: string;
  settings: Settings;
  asked: Asked;
  choices: readonly Choice[];
}

/** Some tokens of one answer, as one part of a stream. */
export interface Step {
  call: Call;
  choice: Choice;
  /** The part has the tokens from `from` to before `to`. */
  from: number;
  to: number;
  isLast: boolean;
  text: string;
  ids: readonly number[];
}

export function stepOf(call: Call, choice: Choice, from: number, to: number): Step {
  const { generated, visible } = choice;
  // vLLM reports an abort in a part without tokens.
  const comesLater = generated.finish === "abort" && call.settings.family === "vllm" && to > from;
  const isLast = generated.finish !== undefined && to >= generated.ids.length && !comesLater;
  const before = from === 0 ? "" : visible.text(from);
  return {
    call,
    choice,
    from,
    to,
    isLast,
    text: visible.text(to).slice(before.length),
    ids: generated.ids.slice(from, to),
  };
}

/** A name for the nth call, the same in every run, so that tests can compare. */
export function callId({ family }: Settings, { name, route }: Asked, nth: number): string {
  const digits = createHash("sha256").update(String(nth)).digest("hex");
  if (family === "sglang") return name ?? digits.slice(0, 32);
  if (family === "llamacpp") return `chatcmpl-${digits.slice(0, 32)}`;
  return `${route === "chat" ? "chatcmpl" : "cmpl"}-${name ?? digits.slice(0, 16)}`;
}

/** SGLang numbers the answers of one call. A single answer keeps the name of the call. */
export function choiceId({ family }: Settings, { name }: Asked, id: string, index: number, count: number): string {
  if (family !== "sglang" || count === 1) return id;
  if (name !== undefined) return `${name}_${index}`;
  return createHash("sha256").update(`${id}_${index}`).digest("hex").slice(0, 32);
}
