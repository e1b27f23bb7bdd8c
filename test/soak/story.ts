import type { ByteTokenizer } from "../../src/testing/index.ts";
import type { Chance } from "../core/drive.ts";
import { chanceOf, oneOf } from "./chance.ts";

/** What a model writes in a run, wherever it is asked to go on. */
export interface Story {
  prompt: string;
  /** What main writes: up to its first fork, then up to its next one, and so on. */
  main: readonly string[];
  /** What threads write, by their outline's id. */
  threads: ReadonlyMap<string, string>;
  /** Threads of its largest fork. */
  widest: number;
}

/** How many outlines the forks of a story have. `some`: two to four. */
const outlineKinds = ["none", "zero", "one", "duplicate", "some", "hundred", "hundredThousand"] as const;
export type OutlineKind = (typeof outlineKinds)[number];

const words = ["seven", "fünf", "naïve", "€ 12", "👩‍👩‍👧", "日本", "so", "it is", "x = 3", "\n", "…", "it’s"];

/** Different stories of each kind: few, so that what each of them is without faults is played only once. */
const variants = 6;

export function storyOf(seed: number, kind: OutlineKind, variant: number): Story {
  const chance = chanceOf(seed, -1 - variant - variants * outlineKinds.indexOf(kind));
  const forks = kind === "none" ? 0 : kind === "some" ? 1 + chance(2) : 1;
  const threads = new Map<string, string>();
  const main: string[] = [];
  let before = `${phrase(chance, 3)} `;
  let widest = 0;
  for (let fork = 0; fork < forks; fork += 1) {
    const ids = idsOf(kind, chance, threads.size);
    widest = Math.max(widest, ids.length);
    main.push(`${before}<Parallel>\n<Outlines>\n${outlines(ids)}</Outlines>`);
    const long = ids.length > 10 ? 1 : 6;
    for (const id of new Set(ids)) threads.set(id, ` ${phrase(chance, long)}</Thread>`);
    before = `</Parallel>\n${phrase(chance, 4)} `;
  }
  main.push(`${before}</think>${phrase(chance, 3)}`);
  return { prompt: `Q: ${phrase(chance, 4)}\n`, main, threads, widest };
}

export function variantOf(chance: Chance): number {
  return chance(variants);
}

function idsOf(kind: OutlineKind, chance: Chance, from: number): string[] {
  if (kind === "zero") return [];
  if (kind === "duplicate") return ["1", "1", "2"];
  const count = { one: 1, hundred: 100, hundredThousand: 100_000, some: 2 + chance(3), none: 0 }[kind];
  return Array.from({ length: count }, (_, n) => `${from + n + 1}`);
}

function outlines(ids: readonly string[]): string {
  return ids.map((id) => `<Outline>${id}: part</Outline>\n`).join("");
}

function phrase(chance: Chance, length: number): string {
  return Array.from({ length: 1 + chance(length) }, () => oneOf(chance, words)).join(" ");
}

/** Where a call stands: `start` is main before its first fork, `join` main after one; else the id of a thread. */
export type Place = "start" | "join" | `thread ${string}`;

export interface Continuation {
  place: Place;
  /** What the model writes from here to the end of its turn, as token ids. Undefined: the story does not go on here. */
  rest: number[] | undefined;
}

/** Reads out of the ids of a request's prompt where it stands, and finds what the story says from there on. */
export function continuationOf(
  { main, threads }: Story,
  tokenizer: ByteTokenizer,
  { ids, promptTokens, sequential }: { ids: readonly number[]; promptTokens: number; sequential: boolean },
): Continuation {
  const written = tokenizer.bytes(ids.slice(promptTokens)).toString("latin1");
  if (sequential) return { place: "start", rest: restOf(main.join(""), written, tokenizer) };
  const forks = written.split("</Outlines>").length - 1;
  if (forks === 0) return { place: "start", rest: restOf(main[0] ?? "", written, tokenizer) };
  const after = written.slice(written.lastIndexOf("</Outlines>") + "</Outlines>".length);
  const [, thread, said = ""] = /^\n<Thread>\n([0-9.]+):([^]*)$/.exec(after) ?? [];
  if (thread !== undefined && !said.includes("</Thread>")) {
    return { place: `thread ${thread}`, rest: restOf(threads.get(thread) ?? "", said, tokenizer) };
  }
  const joined = after.lastIndexOf("</Thread>\n");
  const own = joined < 0 ? after : after.slice(joined + "</Thread>\n".length);
  return { place: "join", rest: restOf(main[forks] ?? "", own, tokenizer) };
}

/** The tokens of a text after what was said of it, whose bytes are given. */
function restOf(text: string, said: string, tokenizer: ByteTokenizer): number[] | undefined {
  if (!Buffer.from(text).toString("latin1").startsWith(said)) return undefined;
  const all = tokenizer.encode(text);
  let from = 0;
  for (let bytes = 0; bytes < said.length; from += 1) bytes += tokenizer.bytes(all.slice(from, from + 1)).length;
  return all.slice(from);
}
