import type { ChatMessage } from "../../../core/trie/piece.ts";
import { ThreadweaverError } from "../../../errors.ts";
import { refuseControls } from "../control-strings.ts";
import type { EncodeOptions, RenderChatOptions, Tokenizer } from "../../engine.ts";

/**
 * Ids from here on are beyond all code points. The first stands for a turn of the first role that was seen, and so on.
 */
const firstTurn = 0x110000;
/** Added to the code points of text that the runtime inserted where a model writes. */
const insertion = 0x200000;

/**
 * For endpoints that take chats only. Each character is a token, and its id is its code point. Lengths are counted in
 * characters, of which a text has at least as many as tokens. The beginning of a turn is an id that no text has, so it
 * cannot be typed. `messages` turns ids back into the chat that they stand for.
 */
export class ChatTokenizer implements Tokenizer {
  readonly bos = undefined;
  readonly eos: readonly number[] = [];
  readonly vocabularySize = undefined;
  /**
   * What the server's own tokenizer may read as control tokens. The server cannot be kept from that, so such text is
   * refused.
   */
  readonly controls: readonly string[];
  readonly #roles: string[] = [];

  constructor(controls: readonly string[]) {
    this.controls = controls;
  }

  encode(text: string, { controls, inserted = false }: EncodeOptions): number[] {
    if (controls === "text") refuseControls(text, this.controls);
    return Array.from(text, (character) => (character.codePointAt(0) ?? 0) + (inserted ? insertion : 0));
  }

  encodeSync(text: string, options: EncodeOptions): number[] | undefined {
    const isRefused = options.controls === "text" && this.controls.some((control) => text.includes(control));
    return isRefused ? undefined : this.encode(text, options);
  }

  /** Turns are shown by their roles. */
  decode(ids: readonly number[]): string {
    return ids.map((id) => (isTurn(id) ? `\n${this.#roleOf(id)}: ` : characterOf(id))).join("");
  }

  renderChat(messages: readonly ChatMessage[], { prefill = "" }: RenderChatOptions = {}): number[] {
    const turns = messages.flatMap(({ role, content, trusted = false }) => [
      this.#turn(role),
      ...this.encode(content, { controls: trusted ? "parse" : "text" }),
    ]);
    return [...turns, this.#turn("assistant"), ...this.encode(prefill, { controls: "parse" })];
  }

  hasChatTemplate(): boolean {
    return true;
  }

  /**
   * Returns the chat that ids stand for. The last turn is the one to continue, and is left out while it is empty.
   *
   * @param continues whether the endpoint continues inside a turn. If not, what the runtime inserted becomes turns of
   * the user.
   * @throws `engine_refused` where the endpoint does not continue inside a turn but would have to.
   */
  messages(ids: readonly number[], continues: boolean): ChatMessage[] {
    const turns: { role: string; ids: number[] }[] = [];
    for (const id of ids) {
      if (isTurn(id)) turns.push({ role: this.#roleOf(id), ids: [] });
      else turns.at(-1)?.ids.push(id);
    }
    const last = turns.pop();
    const own = continues || last === undefined ? [{ ...last, role: "assistant" }] : asTurns(last.ids);
    const chat = [...turns, ...own].map(({ role, ids: text = [] }) => ({
      role,
      content: text.map(characterOf).join(""),
    }));
    if (chat.at(-1)?.role === "assistant" && chat.at(-1)?.content === "") chat.pop();
    if (continues || chat.at(-1)?.role !== "assistant") return chat;
    throw new ThreadweaverError(
      "engine_refused",
      "The endpoint takes whole turns only, but the model's turn would have to be continued (chat-continue).",
    );
  }

  #turn(role: string): number {
    const known = this.#roles.indexOf(role);
    return firstTurn + (known === -1 ? this.#roles.push(role) - 1 : known);
  }

  #roleOf(id: number): string {
    return this.#roles[id - firstTurn] ?? "";
  }
}

function isTurn(id: number): boolean {
  return id >= firstTurn && id < insertion;
}

function characterOf(id: number): string {
  return String.fromCodePoint(id < insertion ? id : id - insertion);
}

/** Splits ids into turns: what the model wrote, and what was inserted. */
function asTurns(ids: readonly number[]): { role: string; ids: number[] }[] {
  const turns: { role: string; ids: number[] }[] = [];
  for (const id of ids) {
    const role = id < insertion ? "assistant" : "user";
    if (turns.at(-1)?.role !== role) turns.push({ role, ids: [] });
    turns.at(-1)?.ids.push(id);
  }
  return turns;
}
