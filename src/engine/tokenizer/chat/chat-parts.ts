import type { ChatMessage } from "../../../core/trie/piece.ts";
import { ThreadweaverError } from "../../../errors.ts";
import type { ControlFinder, Found } from "./control-finder.ts";
import { Taint } from "./taint.ts";

/**
 * Renders messages with the model's chat template.
 *
 * @param clear gives a text the characters that it had before some were marked. An interpreter that compares texts by it
 * decides as if nothing was marked.
 */
export type RenderChat = (
  messages: readonly ChatMessage[],
  clear?: (text: string) => string,
) => string | Promise<string>;

/** A rendered chat. */
export interface ChatParts {
  /**
   * The whole text, cut inside each control string that was typed. Each part is encoded for itself, with its control
   * strings as tokens: they are those that the template wrote, and those of trusted messages.
   */
  parts: string[];
  /** The control strings that were typed and are still there. */
  typed: string[];
}

/**
 * Renders a chat so that what the template wrote can be told from what people typed, character by character.
 *
 * The template first gets the messages as they are, and that is the text. Then it gets them with the characters marked
 * that control strings consist of, and what is marked in the second text was typed. The two texts must be the same but for
 * the marks: a template that decides by a control string in a message gives another text when that is marked. Where the
 * renderer cannot see through the marks (a server's), such control strings are left as they are, and the characters on
 * both sides of them are marked.
 *
 * @throws `invalid_prompt` where it cannot be told who wrote a control string.
 */
export async function renderChatParts(
  messages: readonly ChatMessage[],
  render: RenderChat,
  finder: ControlFinder,
): Promise<ChatParts> {
  const own = messages.map(({ role, content }) => ({ role, content }));
  const wanted = await render(own);
  const typed = messages.flatMap(({ role, content, trusted = false }) => (trusted ? [] : [role, content]));
  if (!typed.some((text) => Array.from(text).some((character) => finder.characters.has(character)))) {
    return { parts: wanted === "" ? [] : [wanted], typed: [] };
  }
  const taint = new Taint([wanted, ...own.flatMap(({ role, content }) => [role, content])]);
  const attempt = async (mark: (text: string) => string): Promise<string | undefined> => {
    const marked = messages.map(({ role, content, trusted = false }) =>
      trusted ? { role, content } : { role: mark(role), content: mark(content) },
    );
    const rendered = await tolerantly(() => render(marked, taint.clear));
    return rendered !== undefined && taint.clear(rendered) === wanted ? rendered : undefined;
  };
  const throughout = await attempt((text) => markAll(text, finder, taint));
  if (throughout !== undefined) return cutTyped(wanted, throughout, finder);
  // The control strings that the template decides by: with these marked, and nothing else, it gives another text.
  const decisive = new Set<string>();
  for (const control of new Set(typed.flatMap((text) => controlsIn(text, finder)))) {
    // oxlint-disable-next-line no-await-in-loop -- few, and a server would be asked all of it at once
    if ((await attempt((text) => markOnly(text, control, taint))) === undefined) decisive.add(control);
  }
  const around = await attempt((text) => markAround(text, decisive, finder, taint));
  if (around === undefined || isBeside(wanted, around, decisive, finder)) throw undecided(typed, finder);
  return cutTyped(wanted, around, finder);
}

function controlsIn(text: string, finder: ControlFinder): string[] {
  return [...finder.all(text)].map(({ start, end }) => text.slice(start, end));
}

/** A template may refuse messages with marks in them. That says nothing of the messages. */
async function tolerantly(render: () => string | Promise<string>): Promise<string | undefined> {
  try {
    return await render();
  } catch (error) {
    if (ThreadweaverError.isInstance(error) && error.code !== "invalid_prompt") throw error;
    return undefined;
  }
}

function markAll(text: string, { characters }: ControlFinder, taint: Taint): string {
  return Array.from(text, (c) => (characters.has(c) ? (taint.standInFor(c) ?? c) : c)).join("");
}

/** Marks the first characters of one control string. */
function markOnly(text: string, control: string, taint: Taint): string {
  const [first = ""] = control;
  return text.replaceAll(control, (taint.standInFor(first) ?? first) + control.slice(first.length));
}

/** Marks all but the decisive control strings, and the characters beside those whatever they are. */
function markAround(text: string, decisive: ReadonlySet<string>, finder: ControlFinder, taint: Taint): string {
  const whole = [...finder.all(text)].filter(
    ({ start, end }) => decisive.has(text.slice(start, end)) && neighbours(text, start, end).length > 0,
  );
  const units = text.split("");
  const isLeft = new Set(whole.flatMap(({ start, end }) => range(start, end)));
  const beside = new Set(whole.flatMap(({ start, end }) => neighbours(text, start, end)));
  const isMarked = (unit: string, at: number): boolean =>
    !isLeft.has(at) && (beside.has(at) || finder.characters.has(unit));
  return units.map((unit, at) => (isMarked(unit, at) ? (taint.standInFor(unit) ?? unit) : unit)).join("");
}

/** Where the nearest characters before and after a range are that are neither white space nor halves of a pair. */
function neighbours(text: string, start: number, end: number): number[] {
  const before = text.slice(0, start).trimEnd().length - 1;
  const after = text.length - text.slice(end).trimStart().length;
  return [before, after].filter((at) => at >= 0 && at < text.length && !/[\uD800-\uDFFF]/.test(text.charAt(at)));
}

/** Whether a decisive control string has a mark beside it. It may then have been typed, or written anew. */
function isBeside(wanted: string, marked: string, decisive: ReadonlySet<string>, finder: ControlFinder): boolean {
  return [...finder.all(wanted)].some(
    ({ start, end }) =>
      decisive.has(wanted.slice(start, end)) && neighbours(wanted, start, end).some((at) => wanted[at] !== marked[at]),
  );
}

/** Cuts each control string that has a marked character after its first one, so that no tokenizer finds it. */
function cutTyped(wanted: string, marked: string, finder: ControlFinder): ChatParts {
  const typed = [...finder.all(wanted)].filter((found) => isMarkedIn(wanted, marked, found));
  const cuts = typed.map(({ start }) => start + ((wanted.codePointAt(start) ?? 0) > 0xffff ? 2 : 1));
  return {
    parts: [0, ...cuts].map((start, i) => wanted.slice(start, cuts[i])).filter((part) => part !== ""),
    typed: [...new Set(typed.map(({ start, end }) => wanted.slice(start, end)))],
  };
}

function isMarkedIn(wanted: string, marked: string, { start, end }: Found): boolean {
  return wanted.slice(start, end) !== marked.slice(start, end);
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

function undecided(typed: readonly string[], finder: ControlFinder): ThreadweaverError {
  const found = new Set(typed.flatMap((text) => controlsIn(text, finder)));
  const what = found.size > 0 ? [...found].join(" ") : "what looks like parts of control tokens";
  return new ThreadweaverError(
    "invalid_prompt",
    `A message holds ${what}, and the model's chat template decides by it: whether the template wrote it into the prompt ` +
      "or it was typed cannot be told, so it might become control tokens. Take it out of the message, say `trusted: true` in " +
      "the message if you wrote it yourself, or load the model's tokenizer into this process (`tokenizer`), which can tell.",
  );
}
