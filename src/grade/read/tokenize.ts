import type { Steps } from "../steps.ts";
import { functionNames } from "../value/functions.ts";
import { aliases, looks, signs, spaces, withArgument, words } from "./commands.ts";
import { isSymbol, type Token } from "./token.ts";
import { inTex } from "./unicode.ts";

const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+(?![\d^]))?/y;
const letters = /[A-Za-z]+/y;
const otherLetters = /[\p{L}\p{M}]+/uy;
const command = /\\([A-Za-z]+|[^])?/y;
const depthOfText = 3;

/** Turns TeX or plain text into tokens: spaces, fonts, sizes, colours and math delimiters are gone, synonyms are one. */
export function tokenize(text: string, steps: Steps): Token[] {
  const out = new Output();
  new Reader(inTex(text), out, steps, 0).read();
  return out.tokens;
}

class Output {
  readonly tokens: Token[] = [];
  #spaced = false;
  #tight = false;

  space(): void {
    this.#spaced = true;
  }

  tighten(): void {
    this.#tight = true;
    const last = this.tokens.at(-1);
    if (isSymbol(last, ",") && last !== undefined) this.tokens[this.tokens.length - 1] = { ...last, tight: true };
  }

  add(kind: Token["kind"], text: string): void {
    const tight = this.#tight && text === ",";
    // `{,}`
    const before = this.tokens.at(-2);
    if (kind === "symbol" && text === "}" && isSymbol(this.tokens.at(-1), ",") && isSymbol(before, "{")) {
      this.tokens.splice(-2, 2, { kind, text: ",", spaced: false, tight: true });
    } else {
      this.tokens.push({ kind, text, spaced: this.#spaced, tight });
    }
    this.#spaced = false;
    this.#tight = false;
  }
}

class Reader {
  #at = 0;
  readonly #text: string;
  readonly #out: Output;
  readonly #steps: Steps;
  readonly #depth: number;

  constructor(text: string, out: Output, steps: Steps, depth: number) {
    this.#text = text;
    this.#out = out;
    this.#steps = steps;
    this.#depth = depth;
  }

  read(): void {
    while (this.#at < this.#text.length) {
      this.#steps.take();
      this.#one(this.#text[this.#at] ?? "");
    }
  }

  #one(sign: string): void {
    if (sign === "\\") return this.#command();
    if (/\s|~/.test(sign)) return this.#skip(() => this.#out.space());
    if (/[\d.]/.test(sign)) {
      const digits = this.#match(number);
      if (digits !== "") return this.#out.add("number", digits);
    }
    if (/[A-Za-z]/.test(sign)) return this.#out.add("letters", this.#match(letters));
    const pair = this.#text.slice(this.#at, this.#at + 2);
    const joined = Object.hasOwn(pairs, pair) ? pairs[pair] : undefined;
    if (joined !== undefined) {
      this.#at += 2;
      return this.#out.add("symbol", joined);
    }
    // Dollars delimit mathematics unless they are escaped; quotes and backticks are markdown or prose.
    if (/[$"`]/.test(sign)) return this.#skip(() => this.#out.space());
    const other = this.#match(otherLetters);
    if (other !== "") return this.#out.add("text", other);
    this.#skip(() => this.#out.add("symbol", sign));
  }

  #skip(then: () => void): void {
    this.#at += 1;
    then();
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #command(): void {
    const written = this.#match(command).slice(1);
    const name = Object.hasOwn(aliases, written) ? (aliases[written] ?? written) : written;
    if (words.has(name)) return this.#words();
    if (spaces.has(name)) return this.#out.space();
    if (name === "!") return this.#out.tighten();
    if (withArgument.has(name)) return void this.#argument();
    if (looks.has(name)) return this.#look(name);
    if (Object.hasOwn(signs, name)) return this.#out.add("symbol", signs[name] ?? name);
    if (name === "begin" || name === "end") return this.#environment(name);
    if (name === "mathbb" || name === "Bbb") return this.#out.add("command", `mathbb ${this.#argument().trim()}`);
    // `\quad` that has run into a letter.
    if (/^q?quad[a-z]$/.test(name)) {
      this.#out.space();
      return this.#out.add("letters", name.slice(-1));
    }
    this.#out.add("command", name);
  }

  // The invisible bracket of \left. is none.
  #look(name: string): void {
    if ((name === "left" || name === "right") && this.#text[this.#at] === ".") this.#at += 1;
  }

  #environment(name: string): void {
    const kind = this.#argument().replace("*", "");
    if (name === "begin" && kind === "array") this.#argument();
    this.#out.add("command", `${name} ${kind}`);
  }

  #words(): void {
    if (this.#text[this.#at] === "*") this.#at += 1;
    const content = this.#argument();
    const plain = content
      .replaceAll(/~|\\[ ,;:!]|\$/g, " ")
      .replaceAll(/\s+/g, " ")
      .trim();
    const name = plain.toLowerCase();
    if (functionNames.has(name) || name === "log" || name === "lg") return this.#out.add("command", name);
    // Without a letter, or with a number in front, it is no word; nor is a lone letter a word.
    if (!/\p{L}/u.test(plain) || /^[-+\d.(]*\d/.test(plain) || /\\[A-Za-z]/.test(plain)) {
      if (this.#depth >= depthOfText) return this.#out.add("text", plain);
      this.#out.space();
      return new Reader(content, this.#out, this.#steps, this.#depth + 1).read();
    }
    if (/^\s|^~/.test(content)) this.#out.space();
    this.#out.add("text", plain);
  }

  /** What stands in the braces that follow, or one character. */
  #argument(): string {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    if (this.#text[this.#at] !== "{") return this.#text[this.#at++] ?? "";
    const start = this.#at + 1;
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at += 1) {
      this.#steps.take();
      const sign = this.#text[this.#at];
      if (sign === "\\") this.#at += 1;
      else if (sign === "{") depth += 1;
      else if (sign === "}" && (depth -= 1) === 0) return this.#text.slice(start, this.#at++);
    }
    return this.#text.slice(start);
  }
}

const pairs: Readonly<Record<string, string>> = { "<=": "≤", ">=": "≥", "!=": "≠", "==": "=", "**": "^" };
