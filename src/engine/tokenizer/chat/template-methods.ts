/** A value of the interpreter inside a list or a mapping. */
interface Wrapped {
  value: unknown;
}

type Clear = (text: string) => string;

// What Python takes for white space; JavaScript's own list differs.
const space = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const spaceBefore = new RegExp(`^${space}+`);
const spaceAfter = new RegExp(`${space}+$`);
const words = new RegExp(`${space}+`);

/**
 * What templates ask of texts, as Python does it. Texts are compared as `clear` gives them, and what is returned is a part
 * of the text itself. So marks in a text change no decision and are not lost.
 */
export function templateMethods(clear: Clear) {
  const same = (a: unknown, b: unknown): boolean => {
    if (typeof a === "string" && typeof b === "string") return clear(a) === clear(b);
    // oxlint-disable-next-line eqeqeq -- the interpreter's own comparison: true equals 1, as in Python
    return typeof a === typeof b || typeof a === "boolean" || typeof b === "boolean" ? a == b : false;
  };
  return {
    same,
    holds(whole: unknown, part: unknown): boolean {
      if (whole === undefined) return false;
      if (typeof whole === "string" && typeof part === "string") return clear(whole).includes(clear(part));
      if (Array.isArray(whole)) return whole.some((item: Wrapped) => same(item.value, part));
      if (whole instanceof Map) return whole.has(typeof part === "string" ? clear(part) : part);
      throw new Error(`${nameOf(part)} cannot be in ${nameOf(whole)}`);
    },
    startswith: (text: unknown, start: unknown) =>
      eachOf(start).some((one) => clear(asText(text)).startsWith(clear(one))),
    endswith: (text: unknown, end: unknown) => eachOf(end).some((one) => clear(asText(text)).endsWith(clear(one))),
    find: (text: unknown, part: unknown) => clear(asText(text)).indexOf(clear(asText(part))),
    rfind: (text: unknown, part: unknown) => clear(asText(text)).lastIndexOf(clear(asText(part))),
    count: (text: unknown, part: unknown) => clear(asText(text)).split(clear(asText(part))).length - 1,
    lstrip: (text: unknown, set?: unknown) => stripStart(asText(text), set, clear),
    rstrip: (text: unknown, set?: unknown) => stripEnd(asText(text), set, clear),
    strip: (text: unknown, set?: unknown) => stripEnd(stripStart(asText(text), set, clear), set, clear),
    split: (text: unknown, ...rest: unknown[]) => split(asText(text), clear, ...separatorOf(rest)),
    rsplit: (text: unknown, ...rest: unknown[]) => rsplit(asText(text), clear, ...separatorOf(rest)),
    replace(text: unknown, old: unknown, by: unknown, given?: unknown): string {
      const count = given instanceof Map ? numberOf(given.get("count")) : numberOf({ value: given });
      return split(asText(text), clear, asText(old), count).join(asText(by));
    },
    /** Fields without a form: `{}`, `{0}`. Marked braces are no fields. */
    format(text: unknown, ...values: unknown[]): string {
      let next = 0;
      return asText(text).replace(/\{(\d*)\}/g, (_, place: string) =>
        String(values[place === "" ? next++ : Number(place)]),
      );
    },
    removeprefix(text: unknown, prefix: unknown): string {
      const whole = asText(text);
      return clear(whole).startsWith(clear(asText(prefix))) ? whole.slice(asText(prefix).length) : whole;
    },
    removesuffix(text: unknown, suffix: unknown): string {
      const whole = asText(text);
      return clear(whole).endsWith(clear(asText(suffix)))
        ? whole.slice(0, whole.length - asText(suffix).length)
        : whole;
    },
  };
}

function stripStart(text: string, set: unknown, clear: Clear): string {
  if (typeof set !== "string") return text.replace(spaceBefore, "");
  const isIn = memberOf(set, clear);
  let start = 0;
  while (start < text.length && isIn(text.charAt(start))) start++;
  return text.slice(start);
}

function stripEnd(text: string, set: unknown, clear: Clear): string {
  if (typeof set !== "string") return text.replace(spaceAfter, "");
  const isIn = memberOf(set, clear);
  let end = text.length;
  while (end > 0 && isIn(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function memberOf(set: string, clear: Clear): (character: string) => boolean {
  const members = clear(set);
  return (character) => members.includes(clear(character));
}

function split(text: string, clear: Clear, separator: string | undefined, most: number): string[] {
  if (separator === undefined) return splitWords(text, most);
  const places = placesOf(text, separator, clear);
  return cutOut(text, most < 0 ? places : places.slice(0, most), separator.length);
}

function rsplit(text: string, clear: Clear, separator: string | undefined, most: number): string[] {
  if (separator === undefined || most < 0) return split(text, clear, separator, most);
  const places = placesOf(text, separator, clear);
  return cutOut(text, places.slice(Math.max(0, places.length - most)), separator.length);
}

function splitWords(text: string, most: number): string[] {
  const found: string[] = [];
  let rest = text.replace(spaceBefore, "");
  while (rest !== "") {
    const end = most >= 0 && found.length >= most ? -1 : rest.search(words);
    found.push(end === -1 ? rest : rest.slice(0, end));
    rest = end === -1 ? "" : rest.slice(end).replace(spaceBefore, "");
  }
  return found;
}

/** Where a part begins in a text, each time after the end of the last one. */
function placesOf(text: string, part: string, clear: Clear): number[] {
  const [whole, sought] = [clear(text), clear(part)];
  if (sought === "") throw new Error("empty separator");
  const places: number[] = [];
  for (let at = whole.indexOf(sought); at !== -1; at = whole.indexOf(sought, at + sought.length)) places.push(at);
  return places;
}

function cutOut(text: string, places: readonly number[], length: number): string[] {
  const starts = [0, ...places.map((at) => at + length)];
  return starts.map((start, i) => text.slice(start, places[i]));
}

/** Separator and the most splits, by place or by name. */
function separatorOf(given: readonly unknown[]): [separator: string | undefined, most: number] {
  const last = given.at(-1);
  const named = last instanceof Map ? last : undefined;
  const placed = named === undefined ? given : given.slice(0, -1);
  const separator = placed[0] ?? valueOf(named?.get("sep")) ?? undefined;
  const most = placed[1] === undefined ? numberOf(named?.get("maxsplit")) : numberOf({ value: placed[1] });
  return [separator === undefined ? undefined : asText(separator), most];
}

function numberOf(wrapped: unknown): number {
  const value = valueOf(wrapped);
  return typeof value === "number" ? value : -1;
}

function valueOf(wrapped: unknown): unknown {
  return typeof wrapped === "object" && wrapped !== null && "value" in wrapped ? wrapped.value : undefined;
}

function eachOf(given: unknown): string[] {
  return Array.isArray(given) ? given.map((item: Wrapped) => asText(item.value)) : [asText(given)];
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  throw new Error(`a text was expected, not ${nameOf(value)}`);
}

function nameOf(value: unknown): string {
  if (value === undefined) return "an undefined value";
  if (value === null) return "none";
  if (Array.isArray(value)) return "a list";
  return value instanceof Map ? "a mapping" : `a ${typeof value}`;
}
