import { visible } from "../../../visible.ts";

/** Text that is markup. Everything else is escaped where it is put in. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = Markup | string | number | readonly Markup[];

/** Markup from a template: what is filled in is shown as text, in elements and in quoted attributes, unless it is markup. */
export function markup(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const parts = strings.map((string, i) => (i === 0 ? "" : rendered(values[i - 1] ?? "")) + string);
  return new Markup(parts.join(""));
}

function rendered(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("");
  return visible(String(value)).replaceAll(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
