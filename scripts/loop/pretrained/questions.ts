import { seededRandom } from "../../../src/eval/statistics/random.ts";
import { sentences, things, type Side, type Thing } from "./facts.ts";

/** A question, and how it is answered by rule. */
export interface Question {
  readonly id: string;
  readonly ask: string;
  /** What a person would write side by side; empty where the question has one part, or parts that need each other. */
  readonly parts: readonly { readonly title: string; readonly text: string }[];
  /** The answer in one piece. */
  readonly answer: string;
}

/** Questions of several parts: about several things, or several sides of one. */
const several: readonly ((names: string) => { ask: string; sides: readonly Side[] })[] = [
  (names) => ({ ask: `Write one sentence each about ${names}.`, sides: ["is"] }),
  (names) => ({ ask: `What do ${names} look like?`, sides: ["looks"] }),
  (names) => ({ ask: `Where does one find ${names}?`, sides: ["isFound"] }),
  (names) => ({ ask: `Describe ${names} in two sentences each.`, sides: ["is", "looks"] }),
  (names) => ({ ask: `Compare ${names}.`, sides: ["is", "isFound"] }),
];

/** Questions of one part, some of which look like several. */
const single: readonly ((one: Thing, other: Thing) => { ask: string; answer: string })[] = [
  (one) => ({ ask: `What is ${one.name}?`, answer: sentences.is(one) }),
  (one) => ({ ask: `What does ${one.name} look like?`, answer: sentences.looks(one) }),
  (one) => ({ ask: `Where does one find ${one.name}?`, answer: sentences.isFound(one) }),
  (one, other) => ({
    ask: `I saw ${one.name} and ${other.name}. Tell me about the first one only.`,
    answer: sentences.is(one),
  }),
  (one) => ({ ask: `What has ${one.looks}?`, answer: `It is ${one.name}.` }),
];

/** Ways of asking that no text is written of, the last ones of each list. */
const held = { several: 1, single: 1 };

/**
 * Questions that follow from a seed, of which about 6 of 10 have several parts.
 *
 * @param isNew of things and in words that no other question has.
 */
export function makeQuestions(count: number, seed: number, isNew: boolean): Question[] {
  const random = seededRandom(seed);
  const draw = <T>(list: readonly T[]): T => {
    const one = list[Math.floor(random() * list.length)];
    if (one === undefined) throw new Error("an empty list");
    return one;
  };
  const some = <T>(list: readonly T[], last: number): readonly T[] =>
    isNew ? list.slice(-last) : list.slice(0, -last);
  // The table goes by kind, so every fifth thing is held.
  const own = things.filter((_, i) => (i % 5 === 4) === isNew);
  return Array.from({ length: count }, (_, i) => {
    const chosen = distinct(() => draw(own), 2 + Math.floor(random() * 2));
    const [one, other] = chosen;
    if (one === undefined || other === undefined) throw new Error("two things");
    if (random() < 0.4) return { id: `one-${i}`, parts: [], ...draw(some(single, held.single))(one, other) };
    const { ask, sides } = draw(some(several, held.several))(listOf(chosen.map(({ name }) => name)));
    const parts = chosen.map((thing) => ({
      title: thing.name,
      text: sides.map((side) => sentences[side](thing)).join(" "),
    }));
    return { id: `several-${i}`, ask, parts, answer: parts.map(({ text }) => text).join(" ") };
  });
}

/** The answer in ThreadWeaver's format where there is something to stand side by side, and as it is elsewhere. */
export function textOf({ parts, answer }: Question): string {
  if (parts.length === 0) return answer;
  const outlines = parts.map(({ title }, i) => `<Outline> ${i + 1}: ${title}</Outline>\n`).join("");
  const threads = parts.map(({ text }, i) => `<Thread>\n${i + 1}: ${text} </Thread>`).join("");
  return `<Parallel>\n<Outlines>\n${outlines}</Outlines>\n${threads}\n</Parallel>\n${answer}`;
}

function distinct<T>(draw: () => T, count: number): T[] {
  const drawn = new Set<T>();
  while (drawn.size < count) drawn.add(draw());
  return [...drawn];
}

function listOf(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
