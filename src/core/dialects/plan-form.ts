import type { PlanForm } from "./prompted-types.ts";
import { fill } from "./template.ts";

/**
 * What an engine can be asked to keep a call to, in the two languages that engines take: a regular expression without
 * anchors (vLLM, SGLang), and a grammar in GBNF (llama.cpp). Both describe the whole of what the call may generate.
 */
export interface Constraint {
  readonly regex: string;
  readonly gbnf: string;
}

/** How something is written in one of the languages. */
interface Language {
  readonly literal: (text: string) => string;
  /** A text of one line, up to that many characters. */
  readonly line: (most: number) => string;
  /** Anything that begins with another character. */
  readonly other: (than: string) => string;
}

const regex: Language = {
  literal: (text) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`),
  line: (most) => String.raw`[^\n]{1,${most}}`,
  other: (than) => String.raw`[^${than.replaceAll(/[\\\]^-]/g, String.raw`\$&`)}](.|\n)*`,
};

const gbnf: Language = {
  literal: (text) => ` ${JSON.stringify(text)} `,
  line: (most) => String.raw`[^\n]{1,${most}}`,
  other: (than) => String.raw`[^${than.replaceAll(/[\\\]^-]/g, String.raw`\$&`)}] [^\x00]*`,
};

/** A plan of this form, or a text that begins with another character. */
export function constraintOf(form: PlanForm): Constraint {
  const written = (language: Language): string =>
    `(${planIn(language, form)}|${language.other(Array.from(form.begin)[0] ?? "")})`;
  return { regex: written(regex), gbnf: `root ::= ${written(gbnf)}` };
}

/** The items stand inside each other, so that each one needs those before it: (1 (2 (3)?)?). */
function planIn({ literal, line }: Language, { begin, item, end, items: [least, most], maxText }: PlanForm): string {
  const itemOf = (id: number): string => {
    const [before = "", after = ""] = fill(item, { id: `${id}` }).split("{text}");
    return `${literal(before)}${line(maxText)}${literal(after)}`;
  };
  let items = "";
  for (let id = most; id >= 1; id -= 1) {
    const rest = `${itemOf(id)}${items}`;
    items = id > least ? `(${rest})?` : rest;
  }
  return `${literal(begin)}${items}${literal(end)}`;
}
