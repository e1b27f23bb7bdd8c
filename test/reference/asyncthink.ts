import { createCaller, cutBehind } from "./call.ts";
import type { Model, Transcript } from "./transcript.ts";

const MAX_WORKERS = 64;

const TAG = /<(?<kind>FORK|\/FORK|JOIN)-(?<id>[A-Za-z0-9_.,-]+)>/g;

export function interpret(model: Model, prompt: string): Transcript {
  const { bos, encode, encodePlain, decode } = model.vocabulary;
  const { calls, write } = createCaller(model);
  const context = [bos, ...encode(prompt)];
  const returns = new Map<string, string>();
  const unjoined = new Set<string>();

  /** Runs a worker at once: nothing it sees or gives depends on when it runs. */
  const spawn = (id: string, task: string) => {
    if (returns.has(id) || unjoined.size >= MAX_WORKERS) return;
    const { ids, end } = write(`0/${returns.size + 1}.1`, [bos, ...encodePlain(task), ...encode("\n")]);
    const text = decode(ids);
    // A worker that was broken off gives nothing, but one that has written </RETURN> was done before that.
    const done = text.includes("</RETURN>") || end === "eos" || end === "length";
    returns.set(id, done ? returnOf(text) : "");
    unjoined.add(id);
  };

  for (;;) {
    const main = write("0", context);
    const text = decode(main.ids);
    const join = readUpToJoin(text, spawn);
    if (join === undefined) {
      context.push(...main.ids);
      return { calls, final: context, ending: { kind: main.end } };
    }
    context.push(...cutBehind(main.ids, join.end, model.vocabulary));
    context.push(...encode(`${returns.get(join.id) ?? ""}</JOIN-${join.id}>`));
    unjoined.delete(join.id);
  }
}

/** Reads main's text up to its first join, wherever that stands, and spawns each fork closed before it. */
function readUpToJoin(
  text: string,
  spawn: (id: string, task: string) => void,
): { id: string; end: number } | undefined {
  let open: { id: string; start: number } | undefined;
  for (const tag of text.matchAll(TAG)) {
    const { kind, id } = tag.groups as { kind: string; id: string };
    const end = tag.index + tag[0].length;
    if (kind === "JOIN") return { id, end };
    // A new opening abandons the open fork; a close that is not the open fork's is text like any other.
    if (kind === "FORK") open = { id, start: end };
    else if (open?.id === id) {
      spawn(id, text.slice(open.start, tag.index));
      open = undefined;
    }
  }
  return undefined;
}

function returnOf(text: string): string {
  const [result] = text.split("</RETURN>", 1) as [string];
  const opener = result.indexOf("<RETURN>");
  return opener < 0 ? result : result.slice(opener + "<RETURN>".length);
}
