import { createCaller } from "./call.ts";
import type { Fate, Model, Transcript } from "./transcript.ts";
import type { Vocabulary } from "./vocabulary.ts";

const MAX_THREADS = 5;
const MAX_FORKS = 32;
const MAX_DEPTH = 5;

export function interpret(model: Model, prompt: string): Transcript {
  const { bos, eos, encode, idOf } = model.vocabulary;
  const { calls, write, writeUntil } = createCaller(model);
  let forksOfRun = 0;

  /** Lets one sequence, main or a thread, write behind `context` until it ends. */
  const runSequence = (context: number[], threadId: string, depth: number): Fate | "step" | "refused" => {
    const ends = depth === 0 ? [] : [idOf("</step>")];
    // After a guideline was refused for good, another one is text.
    let refused = false;
    let own: number[] = [];
    let forks = 0;

    for (;;) {
      const { ids, end } = writeUntil(threadId, context, refused ? ends : [...ends, idOf("</guideline>")]);
      context.push(...ids);
      own.push(...ids);
      if (end !== "marker") return end;
      if (ids.at(-1) === idOf("</step>")) return "step";

      const plan = planIn(own, model.vocabulary);
      if (plan.length === 0) return "refused";
      // A plan that asks for too much is no end: the sequence goes on writing behind its </guideline>.
      if (plan.length > MAX_THREADS) continue;
      refused = forksOfRun === MAX_FORKS || depth + 1 > MAX_DEPTH;
      if (refused) continue;
      forks += 1;
      forksOfRun += 1;

      const bodies = plan.map((id, index) =>
        runThread([...context, ...encode(`\n<step>\n${id}:`)], `${threadId}/${forks}.${index + 1}`, depth + 1),
      );
      for (const [index, id] of plan.entries()) {
        // A thread ends behind the line feed that follows </step>, so only the first needs one before its <step>.
        context.push(...encode(`${index === 0 ? "\n" : ""}<step>\n${id}:`), ...bodies[index]!);
      }
      context.push(...encode("<takeaway>\n"));
      own = [];
    }
  };

  /** Runs one thread to its end, whatever that is, and gives all that stands behind its header. */
  const runThread = (context: number[], threadId: string, depth: number): number[] => {
    const header = context.length;
    const end = runSequence(context, threadId, depth);
    const body = context.slice(header);
    // The trained text has one more token behind </step>, a line feed as a rule: the model chooses which.
    if (end === "step")
      return [
        ...body,
        ...write(threadId, context)
          .ids.slice(0, 1)
          .filter((id) => id !== eos),
      ];
    return [...(end === "eos" ? body.slice(0, -1) : body), ...encode("\n</step>\n")];
  };

  const final = [bos, ...encode(prompt)];
  const kind = runSequence(final, "0", 0);
  if (kind === "step") throw new Error("main does not stop at </step>");
  return { calls, final, ending: { kind } };
}

/** The ids of the plans behind the last <guideline> token that the sequence itself wrote, each once. */
function planIn(own: number[], { idOf, decode }: Vocabulary): string[] {
  const opener = own.lastIndexOf(idOf("<guideline>"));
  if (opener < 0) return [];
  const heads = decode(own.slice(opener + 1)).matchAll(/<plan>\s*([0-9]+(?:\.[0-9]+)*)\s*:/g);
  return [...new Set(Array.from(heads, (head) => head[1]!))];
}
