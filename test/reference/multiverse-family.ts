import { createCaller } from "./call.ts";
import type { Fate, Model, Transcript } from "./transcript.ts";
import type { Vocabulary } from "./vocabulary.ts";

const MAX_FORKS = 32;
const MAX_DEPTH = 5;

/** Two loops that differ in little else than the names of their tags. */
export interface Family {
  readonly list: string;
  readonly item: string;
  readonly thread: string;
  readonly summary: string;
  readonly maxThreads: number;
  /** Whether a list without a readable item ends the sequence. */
  readonly emptyEnds: boolean;
}

export function interpretFamily(family: Family, model: Model, prompt: string): Transcript {
  const { list, thread, summary } = family;
  const { bos, eos, encode, idOf } = model.vocabulary;
  const { calls, write, writeUntil } = createCaller(model);
  let forksOfRun = 0;

  /** Lets one sequence, main or a thread, write behind `context` until it ends. */
  const runSequence = (context: number[], threadId: string, depth: number): Fate | "closed" | "refused" => {
    const ends = depth === 0 ? [] : [idOf(`</${thread}>`)];
    // After a list was refused for good, another one is text.
    let refused = false;
    let own: number[] = [];
    let forks = 0;

    for (;;) {
      const { ids, end } = writeUntil(threadId, context, refused ? ends : [...ends, idOf(`</${list}>`)]);
      context.push(...ids);
      own.push(...ids);
      if (end !== "marker") return end;
      if (ids.at(-1) === idOf(`</${thread}>`)) return "closed";

      const plan = planIn(own, family, model.vocabulary);
      if (plan.length === 0 && family.emptyEnds) return "refused";
      // A list that asks for too much is no end: the sequence goes on writing behind it.
      if (plan.length === 0 || plan.length > family.maxThreads) continue;
      refused = forksOfRun === MAX_FORKS || depth + 1 > MAX_DEPTH;
      if (refused) continue;
      forks += 1;
      forksOfRun += 1;

      const bodies = plan.map((id, index) =>
        runThread([...context, ...encode(`\n<${thread}>\n${id}:`)], `${threadId}/${forks}.${index + 1}`, depth + 1),
      );
      for (const [index, id] of plan.entries()) {
        // A thread ends behind the line feed that follows its close, so only the first needs one before its tag.
        context.push(...encode(`${index === 0 ? "\n" : ""}<${thread}>\n${id}:`), ...bodies[index]!);
      }
      context.push(...encode(`<${summary}>\n`));
      own = [];
    }
  };

  /** Runs one thread to its end, whatever that is, and gives all that stands behind its header. */
  const runThread = (context: number[], threadId: string, depth: number): number[] => {
    const header = context.length;
    const end = runSequence(context, threadId, depth);
    const body = context.slice(header);
    // The trained text has one more token behind the close, a line feed as a rule: the model chooses which.
    if (end === "closed")
      return [
        ...body,
        ...write(threadId, context)
          .ids.slice(0, 1)
          .filter((id) => id !== eos),
      ];
    return [...(end === "eos" ? body.slice(0, -1) : body), ...encode(`\n</${thread}>\n`)];
  };

  const final = [bos, ...encode(prompt)];
  const kind = runSequence(final, "0", 0);
  if (kind === "closed") throw new Error("main does not stop at a thread's close");
  return { calls, final, ending: { kind } };
}

/** The ids of the items behind the last opener that the sequence itself wrote, each once. */
function planIn(own: number[], { list, item }: Family, { idOf, decode }: Vocabulary): string[] {
  const opener = own.lastIndexOf(idOf(`<${list}>`));
  if (opener < 0) return [];
  const heads = decode(own.slice(opener + 1)).matchAll(
    new RegExp(String.raw`<${item}>\s*([0-9]+(?:\.[0-9]+)*)\s*:`, "g"),
  );
  return [...new Set(Array.from(heads, (head) => head[1]!))];
}
