import type { DialectInstructions } from "../core/dialects/prompted-types.ts";
import type { Piece } from "../core/trie/piece.ts";
import { ThreadweaverError } from "../errors.ts";
import type { Engine, Tokenizer } from "../engine/engine.ts";
import { withInstructions } from "./instructions.ts";
import type { CheckedOptions } from "./options.ts";
import { checkInput, type RunInput } from "./input.ts";

/** What the run goes on from, encoded, with the dialect's instructions before the messages. Throws `invalid_prompt` on what cannot be meant. */
export async function encodePrompt(
  input: RunInput,
  { name, tier = "ids", tokenizer }: Pick<Engine, "name" | "tier" | "tokenizer">,
  { specialInPrompt, templateOptions }: Pick<CheckedOptions, "specialInPrompt" | "templateOptions">,
  signal: AbortSignal,
  instructions?: DialectInstructions,
): Promise<Piece> {
  const given = checkInput(input);
  if (tier.startsWith("chat") && !("messages" in given)) {
    throw new ThreadweaverError("invalid_prompt", `${name} is ${tier}: it takes messages, and neither text nor ids`);
  }
  if ("promptIds" in given) return encodeIds(given.promptIds, tokenizer, signal);
  if ("prompt" in given) return encodeText(given.prompt, tokenizer, specialInPrompt, signal);
  if (given.messages.length === 0)
    throw new ThreadweaverError("invalid_prompt", "messages is empty: nothing to answer");
  const messages = instructions === undefined ? given.messages : withInstructions(given.messages, instructions);
  const ids = await tokenizer.renderChat(messages, { signal, templateOptions });
  return { ids, text: await tokenizer.decode(ids, { signal }), chat: messages };
}

async function encodeText(
  prompt: string,
  tokenizer: Tokenizer,
  special: "parse" | "text" | undefined,
  signal: AbortSignal,
): Promise<Piece> {
  if (prompt === "") throw new ThreadweaverError("invalid_prompt", "the prompt is empty: nothing to go on from");
  const found = tokenizer.controls.filter((control) => prompt.includes(control));
  if (found.length > 0 && special === undefined) {
    throw new ThreadweaverError(
      "invalid_prompt",
      `the prompt holds ${found.join(" ")}, which this model reads as control tokens: say specialInPrompt "parse" if you ` +
        `mean them, "text" if they are text, or pass untrusted text as messages`,
    );
  }
  const ids = await tokenizer.encode(prompt, { controls: special ?? "text", signal });
  return { ids: withBos(ids, tokenizer.bos), text: prompt };
}

/** Begin-of-sequence stands once: a prompt that was parsed may have brought its own. */
export function withBos(ids: readonly number[], bos: number | undefined): readonly number[] {
  return bos === undefined || ids[0] === bos ? ids : [bos, ...ids];
}

async function encodeIds(ids: readonly number[], tokenizer: Tokenizer, signal: AbortSignal): Promise<Piece> {
  if (ids.length === 0) throw new ThreadweaverError("invalid_prompt", "promptIds is empty: nothing to go on from");
  const size = tokenizer.vocabularySize ?? Infinity;
  const at = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < size));
  if (at >= 0) {
    throw new ThreadweaverError(
      "invalid_prompt",
      `promptIds[${at}] is ${String(ids[at])}: an id of this vocabulary is a whole number from 0 ${size === Infinity ? "on" : `to ${size - 1}`}`,
    );
  }
  return { ids: [...ids], text: await tokenizer.decode(ids, { signal }) };
}
