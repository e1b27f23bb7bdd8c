import type { ChatMessage } from "../../../core/trie/piece.ts";
import { ThreadweaverError } from "../../../errors.ts";
import { renderChatParts, type RenderChat } from "./chat-parts.ts";
import { ControlFinder } from "./control-finder.ts";

/** Turns messages into ids, for one vocabulary. */
export class ChatEncoder {
  readonly #finder: ControlFinder;
  readonly #ids: ReadonlySet<number>;

  /** @param controls control strings and their ids. */
  constructor(controls: ReadonlyMap<string, number>, suspects: readonly string[] = []) {
    this.#finder = new ControlFinder([...controls.keys(), ...suspects]);
    this.#ids = new Set(controls.values());
  }

  /**
   * @param encode encodes a text with its control strings as tokens.
   * @param refuse is given the control strings that were typed. It throws where those cannot be kept from being tokens.
   * @throws `invalid_prompt` where something typed would become a control token.
   */
  async encode(
    messages: readonly ChatMessage[],
    render: RenderChat,
    encode: (text: string) => readonly number[] | Promise<readonly number[]>,
    refuse: (typed: readonly string[]) => void = () => undefined,
  ): Promise<number[]> {
    const { parts, typed } = await renderChatParts(messages, render, this.#finder);
    if (typed.length > 0) refuse(typed);
    const encoded = await Promise.all(parts.map(async (part) => encode(part)));
    if (typed.length > 0) parts.forEach((part, i) => this.#check(part, encoded[i] ?? []));
    return encoded.flat();
  }

  /** A tokenizer that normalizes texts may read as a control string what is none, so that cutting it is not enough. */
  #check(part: string, ids: readonly number[]): void {
    if (ids.filter((id) => this.#ids.has(id)).length <= this.#finder.count(part)) return;
    throw new ThreadweaverError(
      "invalid_prompt",
      "A message holds what this model's tokenizer reads as a control token, in whatever way it is cut. Take it out of the " +
        "message, or say `trusted: true` in the message if you mean the token.",
    );
  }
}
