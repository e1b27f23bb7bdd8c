import type { Steps } from "../steps.ts";
import { closers, isSymbol, type Token } from "./token.ts";

/** Thrown inside the reader for what is no expression; the reader of answers then takes it for text. */
export class Unreadable extends Error {}

/** How deep brackets may nest. */
const maxDepth = 100;

/** A place in a list of tokens. */
export class Cursor {
  readonly steps: Steps;
  readonly #tokens: Token[];
  #at = 0;
  #depth: number;

  /** `depth`: how deep in brackets and groups these tokens stand already. */
  constructor(tokens: readonly Token[], steps: Steps, depth: number) {
    steps.take(tokens.length);
    this.#tokens = [...tokens];
    this.steps = steps;
    this.#depth = depth;
  }

  get depth(): number {
    return this.#depth;
  }

  get next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  get previous(): Token | undefined {
    return this.#tokens[this.#at - 1];
  }

  ahead(count: number): Token | undefined {
    return this.#tokens[this.#at + count];
  }

  take(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new Unreadable("the end");
    this.steps.take();
    this.#at += 1;
    return token;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** Takes the sign if it is the next one. */
  accept(...signs: string[]): boolean {
    const found = isSymbol(this.next, ...signs);
    if (found) this.take();
    return found;
  }

  expect(sign: string): void {
    if (!this.accept(sign)) throw new Unreadable(`no ${sign}`);
  }

  /** Leaves what was not used of the token that was taken last. */
  putBack(text: string): void {
    const token = this.#tokens[this.#at - 1];
    if (token === undefined || text === "") return;
    this.#at -= 1;
    this.#tokens[this.#at] = { ...token, text, spaced: false };
  }

  /** Runs one level deeper. */
  deeper<T>(read: () => T): T {
    if (this.#depth >= maxDepth) throw new Unreadable("too deep");
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** The tokens of a bracket that opens here, without it; undefined where none does. */
  group(open: string): Token[] | undefined {
    if (!isSymbol(this.next, open)) return undefined;
    const start = this.#at + 1;
    let depth = 0;
    for (let at = this.#at; at < this.#tokens.length; at += 1) {
      this.steps.take();
      if (isSymbol(this.#tokens[at], open)) depth += 1;
      else if (isSymbol(this.#tokens[at], closers[open] ?? "") && (depth -= 1) === 0) {
        this.#at = at + 1;
        return this.#tokens.slice(start, at);
      }
    }
    throw new Unreadable(`${open} is not closed`);
  }

  /** What a command without braces takes: a braced group, or one digit, letter or command. */
  argument(): Token[] {
    const group = this.group("{");
    if (group !== undefined) return group;
    const token = this.take();
    if (token.kind === "symbol" || token.kind === "text") throw new Unreadable(`no argument: ${token.text}`);
    if (token.kind === "command") return [token];
    this.putBack(token.text.slice(1));
    return [{ ...token, text: token.text.slice(0, 1) }];
  }
}
