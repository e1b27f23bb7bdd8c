import { createCaller } from "./call.ts";
import type { Fate, Model, Transcript } from "./transcript.ts";

const MAX_THREADS = 64;
const MAX_FORKS = 32;

const GUARD = "<Sub Searches>";
const CALL = "<Calling Sub Searches>";
const END_CALL = "<End Calling Sub Searches>";
const GOAL = "Goal Reached";
const ITEM = /<Start Sub Search ([0-9]+) at level 1> Moving to Node #([A-Za-z0-9_.,-]+)/g;
const NODE = new RegExp(
  String.raw`Moving to Node #(?<at>[A-Za-z0-9_.,-]+)\nCurrent State: (?<state>\d+:\[[^\]\n]*\]), Operations: \[(?<operations>[^\]\n]*)\]` +
    String.raw`|Generated Node #(?<made>[A-Za-z0-9_.,-]+): (?<result>\d+:\[[^\]\n]*\]) Operation: (?<operation>.+)`,
  "g",
);

/** A node of the search tree: what is left, such as "24:[2, 8, 8]", and the operations that led there. */
interface Node {
  readonly state: string;
  readonly operations: readonly string[];
}

export function interpret(model: Model, prompt: string): Transcript {
  const { bos, encode, decode } = model.vocabulary;
  const { calls, write } = createCaller(model);
  // What a prompt says of its budget before its first node, children are told too; their number of calls they are not.
  const budget = /^(?:Token Budget: [^\n]*?)?(?=Moving to Node)/.exec(prompt)?.[0] ?? "";
  let text = prompt;
  let own = "";
  let forks = 0;

  const writeBehind = (threadId: string, from: string) => {
    const { ids, end } = write(threadId, [bos, ...encode(from)]);
    return { written: decode(ids), end };
  };
  const done = (kind: Transcript["ending"]["kind"]) => ({ calls, final: [bos, ...encode(text)], ending: { kind } });

  for (;;) {
    const main = writeBehind("0", text);
    const guard = main.written.indexOf(GUARD);
    // The model may not write results itself: where it begins to, it is made to ask for them.
    const kept = guard < 0 ? finished(main) : main.written.slice(0, guard) + CALL;
    text += kept;
    own += kept;
    if (guard >= 0) continue;
    if (main.end !== "eos") return done(main.end);

    const lastLine = own.slice(own.lastIndexOf("\n") + 1);
    const block = own.lastIndexOf(CALL);
    if (!lastLine.includes(END_CALL) || block < 0) return done("eos");
    const items = itemsIn(own.slice(block));
    if (items.size === 0) return done("eos");
    if (items.size > MAX_THREADS || forks === MAX_FORKS) return done("refused");
    forks += 1;

    const nodes = nodesIn(text);
    const results = Array.from(items, ([id, search], index) => {
      const node = nodes.get(id);
      const from = node && budget + promptOf(id, node);
      const child = from === undefined ? undefined : writeBehind(`0/${forks}.${index + 1}`, from);
      const found = child?.end === "eos" || child?.end === "length" ? returnOf(finished(child)) : undefined;
      const label = `in Sub Search ${search} at level 1 at Node #${id}>\n`;
      return found === undefined ? `<No Solution ${label}` : `<Goal Reached ${label}${found}\n`;
    });
    // The results take the place of the call.
    text = `${text.slice(0, block - own.length)}<Sub Searches>\n${results.join("")}<End Sub Searches>\n`;
    own = "";
  }
}

/** A trace that has ended loses one line feed at its end. */
function finished({ written, end }: { written: string; end: Fate }): string {
  return (end === "eos" || end === "length") && written.endsWith("\n") ? written.slice(0, -1) : written;
}

/** The number of the sub search for each node id, in the order of the block; the first of two with one id wins. */
function itemsIn(block: string): Map<string, string> {
  const items = new Map<string, string>();
  for (const [, search, id] of block.matchAll(ITEM)) if (!items.has(id!)) items.set(id!, search!);
  return items;
}

/** All nodes that a text tells of; what it tells last holds. */
function nodesIn(text: string): Map<string, Node> {
  const nodes = new Map<string, Node>();
  for (const { groups } of text.matchAll(NODE)) {
    const { at, state, operations, made, result, operation } = groups!;
    if (at !== undefined) {
      nodes.set(at, {
        state: state!,
        operations: Array.from(operations!.matchAll(/'([^']*)'/g), (quoted) => quoted[1]!),
      });
    } else {
      const parent = nodes.get(made!.slice(0, Math.max(0, made!.lastIndexOf(","))));
      nodes.set(made!, { state: result!, operations: [...(parent?.operations ?? []), operation!] });
    }
  }
  return nodes;
}

function promptOf(id: string, { state, operations }: Node): string {
  const list = operations.map((operation) => `'${operation}'`).join(", ");
  return `Moving to Node #${id}\nCurrent State: ${state}, Operations: [${list}]`;
}

/** A child that solves its node tells its path twice; the second telling is the result, without white space around it. */
function returnOf(written: string): string | undefined {
  const last = written.lastIndexOf(GOAL);
  const secondToLast = written.slice(0, Math.max(0, last)).lastIndexOf(GOAL);
  if (secondToLast < 0) return undefined;
  const told = written.slice(secondToLast).trim();
  return told.slice(`${GOAL}\n`.length);
}
