/**
 * A toy language model: a pure function of the context, the place and the callIndex of a call. What it writes comes from
 * a small grammar for each dialect, biased so that a few hundred seeds take every path of that dialect's loop: good
 * plans, bad plans, threads that close, run out, are cut or fail, markers typed as plain characters, and so on.
 */

import type { Fate, Model, Output, Planned } from "./transcript.ts";
import { createVocabulary, type Vocabulary } from "./vocabulary.ts";

export type Flavour =
  | "threadweaver"
  | "parallel-r1"
  | "npr"
  | "multiverse"
  | "dc-cot"
  | "apr"
  | "asyncthink"
  | "fork"
  | "pacore";

interface FlavourTexts {
  readonly markers: readonly string[];
  readonly merges: readonly string[];
  /** Holds what must not be taken for main's own plan, where the dialect has no use for it in the prompt. */
  readonly prompt: string;
  /** The last callIndex of a place at which it may fork. */
  readonly lastFork: number;
}

export const FLAVOURS: Readonly<Record<Flavour, FlavourTexts>> = {
  threadweaver: {
    markers: pairs("think", "Parallel", "Outlines", "Outline", "Thread", "Conclusion"),
    merges: ["1:", "2:", " 3", ".\n", "\n\n", "😀", "so "],
    prompt: "Plan with <Outlines><Outline>9: like this</Outline></Outlines>.\n",
    lastFork: 6,
  },
  "parallel-r1": {
    markers: pairs("Parallel", "Path", "Summary"),
    merges: [".\n", "\n\n", "😀", "so "],
    prompt: "Think on two sides of <Parallel>.\n",
    lastFork: 12,
  },
  npr: {
    markers: pairs("guideline", "plan", "step", "takeaway"),
    merges: ["1:", "2:", ".\n", "\n\n", "😀", "so "],
    prompt: "Plan with <guideline><plan>9: like this</plan></guideline>.\n",
    lastFork: 6,
  },
  multiverse: {
    markers: pairs("Think", "Parallel", "Goal", "Outline", "Path", "Conclusion"),
    merges: ["1:", "2:", ".\n", "\n\n", "😀", "so "],
    prompt: "Plan with <Goal><Outline>9: like this</Outline></Goal>.\n",
    lastFork: 6,
  },
  "dc-cot": {
    markers: [],
    merges: ["s>\n", "s>", ">\n", "><", "1>", "2></", ".<", "<spawn", "_workers", "</worker_", "worker_", "so ", "😀"],
    prompt: "Split it with <spawn_workers><worker_1>a</worker_1></spawn_workers>.\n",
    lastFork: 8,
  },
  apr: {
    markers: [],
    merges: [
      ">\n",
      "> ",
      ">😀",
      "s>",
      "<Sub",
      "😀",
      "\n<",
      ".<",
      "Generated Node #",
      " Operation: ",
      "<Start Sub Search ",
      " at level 1> Moving to Node #",
      "Calling Sub ",
      "Searches",
      "Goal Reached\n",
      " Reached",
    ],
    prompt: "Moving to Node #0\nCurrent State: 24:[4, 6, 8, 8], Operations: []",
    lastFork: 6,
  },
  asyncthink: {
    markers: [],
    merges: [
      ">\n",
      "> ",
      "1>",
      "1> ",
      "</FO",
      "<JO",
      ".<",
      ">😀",
      ">.",
      "><",
      "FORK-",
      "RETURN",
      "N>",
      "N>\n",
      "😀",
      "so ",
    ],
    prompt: "Use <FORK-1>a task</FORK-1> and <JOIN-1>.\n",
    lastFork: 6,
  },
  pacore: { markers: [], merges: [".\n", "nk>", "\n\n", "😀", "so "], prompt: "How many 😀?\n", lastFork: 0 },
  fork: { markers: [], merges: [".\n", "\n\n", "😀", "so "], prompt: "A long document 😀.\n", lastFork: 0 },
};

export function createFlavourVocabulary(flavour: Flavour): Vocabulary {
  return createVocabulary(FLAVOURS[flavour]);
}

export interface ScriptedModelOptions {
  readonly vocabulary: Vocabulary;
  readonly seed: number;
  readonly flavour: Flavour;
}

export function createScriptedModel({ vocabulary, seed, flavour }: ScriptedModelOptions): Model {
  return {
    vocabulary,
    output(context, threadId, callIndex) {
      const random = createRandom(hash(`${seed}|${threadId}|${callIndex}|`, context));
      const scene = createScene({ vocabulary, random, flavour, seed, context, threadId, callIndex });
      GRAMMARS[flavour](scene);
      return endOutput(scene, vocabulary);
    },
    ...(flavour === "fork" && { planned: planOf(createRandom(hash(`${seed}|plan`, []))) }),
  };
}

// What a grammar sees and does

interface Scene {
  readonly random: Random;
  readonly ids: number[];
  /** 0 for main. */
  readonly depth: number;
  /** Of a thread in its fork, from 1. */
  readonly index: number;
  /** So late in a place that it must come to its end. */
  readonly late: boolean;
  /** A run that forks whenever it can, to reach the limits. */
  readonly eager: boolean;
  readonly mayFork: boolean;
  contextEndsWith(text: string): boolean;
  /** Markers in `text` become marker tokens. */
  write(text: string): void;
  /** Markers in `text` are spelled out in plain characters. */
  type(text: string): void;
}

interface SceneOptions extends ScriptedModelOptions {
  readonly random: Random;
  readonly context: readonly number[];
  readonly threadId: string;
  readonly callIndex: number;
}

function createScene({ vocabulary, random, flavour, seed, context, threadId, callIndex }: SceneOptions): Scene {
  const ids: number[] = [];
  const depth = threadId.split("/").length - 1;
  const late = callIndex > FLAVOURS[flavour].lastFork;
  const eager = seed % 8 === 3;
  return {
    random,
    ids,
    depth,
    index: Number(threadId.slice(threadId.lastIndexOf(".") + 1)),
    late,
    eager,
    mayFork: !late && random.chance(forkChance(flavour, eager, depth, callIndex, context.length)),
    contextEndsWith: (text) => vocabulary.decode(context.slice(-text.length)).endsWith(text),
    write: (text) => void ids.push(...vocabulary.encode(text)),
    type: (text) => void ids.push(...vocabulary.encodePlain(text)),
  };
}

/** Falls with each step that brings a run further from its end, so that every run ends. */
function forkChance(flavour: Flavour, eager: boolean, depth: number, callIndex: number, length: number): number {
  if ((flavour === "npr" || flavour === "multiverse") && eager) return callIndex === 0 ? 0.97 : 0.1;
  if (eager) return 0.95;
  const room = Math.max(0, 1 - length / 2500);
  return room * Math.max(0, 0.95 - 0.1 * callIndex - 0.4 * depth);
}

/** Spells what was written in the model's own tokens, now and then breaks it off, and decides what happens then. */
function endOutput({ random, ids: written, depth, late }: Scene, vocabulary: Vocabulary): Output {
  const ids = merge(written, vocabulary, random);
  const fates: readonly Fate[] = depth === 0 ? MAIN_FATES : THREAD_FATES;
  const fate = late ? "eos" : random.pick(fates);
  if (!late && random.chance(fate === "eos" ? 0.05 : 0.5)) ids.length = random.between(0, ids.length);
  if (fate === "eos") ids.push(vocabulary.eos);
  return { ids, fate };
}

/** Puts merged tokens for some of the runs of characters, or all, or none; a merge may go across a typed marker's end. */
function merge(written: readonly number[], { merges, idOfMerge, encodePlain }: Vocabulary, random: Random): number[] {
  const rate = random.pick([0, 0.5, 1]);
  const candidates = merges.map((text) => ({ id: idOfMerge(text), units: encodePlain(text) }));
  const ids: number[] = [];
  for (let at = 0; at < written.length;) {
    const fitting = candidates.filter(({ units }) => units.every((unit, index) => written[at + index] === unit));
    const chosen = fitting.length > 0 && random.chance(rate) ? random.pick(fitting) : undefined;
    ids.push(chosen?.id ?? written[at]!);
    at += chosen?.units.length ?? 1;
  }
  return ids;
}

// Nobody cuts main, and it seldom breaks off, so that most runs come to their own end.
const MAIN_FATES: readonly Fate[] = [...Array<Fate>(18).fill("eos"), "length", "failed"];
const THREAD_FATES: readonly Fate[] = ["eos", "eos", "eos", "eos", "length", "length", "cut", "failed"];

// The grammars

const GRAMMARS: Readonly<Record<Flavour, (scene: Scene) => void>> = {
  threadweaver(scene) {
    if (scene.depth > 0)
      return writeThread(scene, "</Thread>", "\n<Parallel>\n<Outlines>\n<Outline>1: no</Outline></Outlines>");
    if (scene.random.chance(0.4))
      scene.write(scene.random.pick(["</Parallel>\n", "done\n</Conclusion>\n</Parallel>\n"]));
    writeProse(scene);
    if (!scene.mayFork) return;
    if (scene.random.chance(0.7)) scene.write("<Parallel>\n");
    writePlan(scene, { list: "Outlines", item: "Outline" }, pickCount(scene));
  },

  "parallel-r1"(scene) {
    const { random } = scene;
    if (scene.depth > 0) return writeThread(scene, "</Path>", "<Parallel><Path>no");
    if (scene.contextEndsWith("<Summary>")) return writeThread(scene, "</Summary>", "<Parallel>");
    writeProse(scene);
    if (!scene.mayFork) return;
    if (random.chance(0.1)) scene.type("<Parallel>");
    else scene.write("<Parallel>");
    writeProse(scene);
  },

  npr: (scene) => writeNested(scene, { list: "guideline", item: "plan", thread: "step", summary: "takeaway" }),

  multiverse: (scene) => writeNested(scene, { list: "Goal", item: "Outline", thread: "Path", summary: "Conclusion" }),

  "dc-cot"(scene) {
    const { random, index } = scene;
    if (scene.depth > 0) {
      // The end of another worker is no end, nor is a spawn.
      const other = `</worker_${(index % 3) + 1}>`;
      return writeThread(scene, `</worker_${index}>`, random.pick([other, "<spawn_workers>", `<worker_${index}>`]));
    }
    writeProse(scene);
    if (random.chance(0.2)) scene.write(random.pick(["<spawn_worker>", "<spawn_workers", "</worker_1>"]));
    if (!scene.mayFork) return;
    scene.write("<spawn_workers>");
    if (random.chance(0.3)) scene.write(random.pick(["\n", "\n\n", "<worker_1>", "</worker_2>"]));
    writeProse(scene);
  },

  apr(scene) {
    const { random } = scene;
    if (scene.depth > 0) return writeSearch(scene);
    // The guard has written the opener for us.
    if (!scene.contextEndsWith("<Calling Sub Searches>")) {
      scene.write("\n");
      for (let nodes = random.between(1, 4); nodes > 0; nodes -= 1) writeNode(scene);
      if (!scene.mayFork) return random.chance(0.5) ? writeSearch(scene) : writeProse(scene);
      if (random.chance(0.2)) scene.write("<Sub Searches>\n<No Solution in Sub Search 0");
      if (random.chance(0.1))
        scene.write("<Calling Sub Searches>\n<Start Sub Search 7 at level 1> Moving to Node #0,1\n");
      if (!random.chance(0.07)) scene.write("<Calling Sub Searches>\n");
    }
    writeSearchCall(scene, random.chance(0.015) ? 66 : random.between(0, 3));
  },

  fork: writeProse,

  pacore(scene) {
    writeProse(scene);
    for (let thoughts = scene.random.between(0, 2); thoughts > 0; thoughts -= 1) {
      scene.write("</think>");
      writeProse(scene);
    }
  },

  asyncthink(scene) {
    const { random } = scene;
    if (scene.depth > 0) return writeWorker(scene);
    writeProse(scene);
    if (!scene.mayFork) return;
    if (random.chance(0.02)) {
      for (let worker = 1; worker <= 66; worker += 1) scene.write(`<FORK-w${worker}>a</FORK-w${worker}>`);
      scene.write(`<JOIN-w${random.between(63, 66)}>`);
    }
    for (let events = random.between(1, 4); events > 0; events -= 1) writeEvent(scene);
  },
};

const WORDS = [
  "so ",
  "x = 4.",
  "naïve ",
  "😀",
  "👩‍👩‍👧",
  "a<b ",
  "</",
  "1.",
  "\n",
  "and ",
  "∑ ",
  "3>2 ",
  ".\n",
  "\n\n",
  "<",
  "it: ",
];

function writeProse({ random, write }: Scene): void {
  for (let words = random.between(0, 4); words > 0; words -= 1) write(random.pick(WORDS));
}

/** A thread's text: mostly closed, now and then with what is no end of it. `trap` is no event inside a thread. */
function writeThread(scene: Scene, close: string, trap: string): void {
  const { random, write, type } = scene;
  if (random.chance(0.7)) write(" ");
  writeProse(scene);
  if (random.chance(0.1)) type(close);
  // In npr and multiverse the trap is a plan without an opener; npr ends the thread there.
  if (random.chance(0.1)) write(trap);
  if (random.chance(0.35)) return;
  write(random.pick(["\n", ""]) + close);
  // Nobody reads what stands behind the close.
  writeProse(scene);
  if (random.chance(0.2)) write(close);
}

// Threads that fork again (npr, multiverse)

interface NestedTags extends PlanTags {
  readonly thread: string;
  readonly summary: string;
}

function writeNested(scene: Scene, tags: NestedTags): void {
  const { random } = scene;
  const { list, thread, summary } = tags;
  // The one token behind a thread's close.
  if (scene.contextEndsWith(`</${thread}>`))
    return scene.write(random.pick(["\n", "\n\n", "", `<${thread}>`, `</${list}>`, "x"]));
  if (scene.contextEndsWith(`<${summary}>\n`)) scene.write(`both agree</${summary}>\n`);
  writeProse(scene);
  // Single plans all the way down reach the deepest level without many threads. Of a crowd few fork, or the order in
  // which they do would decide which of them are over the limit of a run.
  if (scene.mayFork && (scene.depth === 0 || scene.index <= 5))
    return writePlan(scene, tags, scene.eager ? 1 : pickCount(scene));
  if (scene.depth > 0) return writeThread(scene, `</${thread}>`, `</${list}>`);
  if (random.chance(0.05)) scene.write(`</${list}>`);
}

// Plans of numbered items (threadweaver, npr, multiverse)

interface PlanTags {
  readonly list: string;
  readonly item: string;
}

function pickCount({ random }: Scene): number {
  if (random.chance(0.025)) return random.between(65, 70);
  return random.pick([0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 5, 5, 6]);
}

function writePlan(scene: Scene, { list, item }: PlanTags, count: number): void {
  const { random, write, type } = scene;
  if (random.chance(0.1)) {
    write(`<${list}>\n`);
    writeItem(scene, item, "8");
  }
  // No opener at all, or one that only looks like the token.
  if (random.chance(0.06)) type(`<${list}>\n`);
  else if (!random.chance(0.04)) write(`<${list}>\n`);
  for (const id of pickIds(scene, count)) writeItem(scene, item, id);
  if (random.chance(0.05)) type(`</${list}>\n`);
  if (!random.chance(0.07)) write(`</${list}>`);
  writeProse(scene);
}

function pickIds({ random }: Scene, count: number): string[] {
  const style = random.pick(["plain", "plain", "plain", "dotted", "gaps", "zeros"]);
  const ids = Array.from({ length: count }, (_, index) => {
    if (style === "dotted") return `${1 + (index >> 1)}.${1 + (index & 1)}`;
    if (style === "gaps") return `${3 * index + 2}`;
    return style === "zeros" ? `${index & 1 ? "0" : ""}${1 + (index >> 1)}` : `${index + 1}`;
  });
  for (let duplicates = random.pick([0, 0, 0, 1, 2]); duplicates > 0 && count > 1; duplicates -= 1) {
    ids[random.between(1, count - 1)] = random.pick(ids);
  }
  return ids;
}

function writeItem({ random, write, type }: Scene, item: string, id: string): void {
  const space = () => random.pick(["", "", "", " ", "\n", "\t", "\u00a0", " \n "]);
  const opener = `<${item}>`;
  // Read as text, an opener in plain characters is as good as the token.
  if (random.chance(0.06)) type(opener);
  else write(opener);
  if (random.chance(0.04)) return write("no number");
  write(`${space()}${id}${space()}:`);
  write(random.pick([" a", " b", "😀", "", " 2: c"]));
  if (random.chance(0.9)) write(`</${item}>`);
  write("\n");
}

// apr

const NODE_IDS = ["0,1", "0,2", "0,1,1", "5,1"];
const STATES = ["24:[2, 8, 8]", "24:[24, 8, 8]", "24:[3]", "24:[]"];
const OPERATIONS = ["6-4=2", "4*6=24", "8/4=2", "8+8=16"];

/** A line or two that put a node into the table, its parent known or not. */
function writeNode({ random, write }: Scene): void {
  const [id, state, operation] = [random.pick(NODE_IDS), random.pick(STATES), random.pick(OPERATIONS)];
  if (random.chance(0.8)) write(`Generated Node #${id}: ${state} Operation: ${operation}\n`);
  else write(`Moving to Node #${id}\nCurrent State: ${state}, Operations: ['${operation}', '8-8=0']\n`);
}

function writeSearchCall(scene: Scene, count: number): void {
  const { random, write } = scene;
  for (let search = 0; search < count; search += 1) {
    const id = count > 3 ? `7,${search}` : random.pick([...NODE_IDS, "9,9"]);
    write(`<Start Sub Search ${search} at level 1> Moving to Node #${id}\n`);
    if (count <= 3 && random.chance(0.05)) write("<Sub Searches>");
  }
  if (!random.chance(0.05)) write("<End Calling Sub Searches>");
  if (random.chance(0.2)) write(random.pick(["\n", " so", "😀", "\nso", "<Sub Searches>"]));
}

/** A search that may find its goal, and tells of it no time, once, twice or more often. */
function writeSearch(scene: Scene): void {
  const { random, write } = scene;
  write("\n");
  writeProse(scene);
  // A child may write it: only main is guarded.
  if (scene.depth > 0 && random.chance(0.1)) write("<Sub Searches>\n");
  for (let goals = random.between(0, 3); goals > 0; goals -= 1) {
    write(`24,24 equal: Goal Reached${random.pick(["\n", "\n", "", "."])}`);
    writeProse(scene);
  }
}

// asyncthink

const FORK_IDS = ["1", "1", "2", "a.1", "3_x-y"];

function writeEvent(scene: Scene): void {
  const { random, write } = scene;
  const id = random.pick(FORK_IDS);
  const task = random.pick(["odd case", "😀?", "", "a<b>", " <b>1</b> "]);
  const join = `<JOIN-${random.chance(0.15) ? "9" : id}>`;
  const after = random.pick(["\n", " ", "", ".", "😀"]);
  const forms = [
    `<FORK-${id}>${task}</FORK-${id}>`,
    `<FORK-${id}>${task}</FORK-${id}>${after}${join}`,
    join,
    // Left open, abandoned by the next one, and closed by another's name.
    `<FORK-${id}>${task}`,
    `<FORK-${random.pick(FORK_IDS)}>lost<FORK-${id}>${task}</FORK-${id}>`,
    `<FORK-${id}>${task}</FORK-8></FORK-${id}>`,
    `<FORK-${id}>${task}${join}</FORK-${id}>`,
    `</FORK-${id}><FORK- ${id}><JOIN->`,
  ];
  write(random.pick([...forms.slice(0, 3), ...forms.slice(0, 3), ...forms]) + after);
}

function writeWorker(scene: Scene): void {
  const { random, write } = scene;
  writeProse(scene);
  if (random.chance(0.1)) write("</RETURN>");
  if (random.chance(0.8)) write("<RETURN>");
  writeProse(scene);
  if (random.chance(0.1)) write(random.pick(["<RETURN>", "<JOIN-1>", "<FORK-1>a</FORK-1>"]));
  if (random.chance(0.7)) write("</RETURN>");
  writeProse(scene);
}

// Forks that the program plans

const ASKS = ["Who?", "Where? 😀", "", "<|end|>", "Who?", "\n"];

function planOf(random: Random): Planned {
  const branches = Array.from({ length: random.between(1, 6) }, (_, at) => ({
    name: `${at + 1}`,
    text: `Q${at}: ${random.pick(ASKS)}\n`,
    ...(random.chance(0.3) && { maxTokens: random.between(1, 12) }),
  }));
  return { branches, combine: (results) => results.map((text, at) => `${at}=${text}`).join(";") + "\nNow all: " };
}

// Chance

interface Random {
  chance(probability: number): boolean;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(choices: readonly T[]): T;
}

/** The generator mulberry32. */
function createRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    chance: (probability) => next() < probability,
    between,
    pick: (choices) => choices[between(0, choices.length - 1)]!,
  };
}

/** The hash FNV-1a, over whole ids in place of bytes. */
function hash(name: string, ids: readonly number[]): number {
  let state = 0x811c9dc5;
  const mix = (value: number) => {
    state = Math.imul(state ^ value, 0x01000193);
  };
  for (let at = 0; at < name.length; at += 1) mix(name.charCodeAt(at));
  for (const id of ids) mix(id);
  return state;
}

function pairs(...names: string[]): string[] {
  return names.flatMap((name) => [`<${name}>`, `</${name}>`]);
}
