import { createCaller } from "./call.ts";
import type { Model, Transcript } from "./transcript.ts";
import type { Vocabulary } from "./vocabulary.ts";

const MAX_THREADS = 64;
const MAX_FORKS = 32;

/** What the runtime writes behind the threads: to go on, or to end the run. */
interface Join {
  readonly onward: string;
  readonly last: string;
}

export function interpret(model: Model, prompt: string): Transcript {
  return run(model, prompt, { onward: "\n", last: "\n</Parallel>" });
}

/** The older mode, in which the model concludes each block. */
export function interpretConclusion(model: Model, prompt: string): Transcript {
  const last = "\n<Conclusion>\n</Conclusion>\n</Parallel>";
  return run(model, prompt, { onward: "\n<Conclusion>\n", last });
}

function run(model: Model, prompt: string, join: Join): Transcript {
  const { bos, encode, idOf } = model.vocabulary;
  const { calls, writeUntil } = createCaller(model);
  const context = [bos, ...encode(prompt)];
  let own: number[] = [];
  let forks = 0;
  let refused = false;

  for (;;) {
    // After a fork was refused for good, a tag that asks for another is text.
    const main = writeUntil("0", context, refused ? [] : [idOf("</Outlines>")]);
    context.push(...main.ids);
    own.push(...main.ids);
    if (main.end !== "marker") return { calls, final: context, ending: { kind: main.end } };

    const plan = planIn(own, model.vocabulary);
    // Without a fork main just goes on writing behind its </Outlines>.
    if (plan.length === 0 || plan.length > MAX_THREADS) continue;
    refused = forks === MAX_FORKS;
    if (refused) continue;
    forks += 1;

    const threads = plan.map((id, index) => {
      const threadId = `0/${forks}.${index + 1}`;
      const { ids, end } = writeUntil(threadId, [...context, ...encode(`\n<Thread>\n${id}:`)], [idOf("</Thread>")]);
      const body = end === "marker" ? ids : [...(end === "eos" ? ids.slice(0, -1) : ids), ...encode("\n</Thread>")];
      return { id, body, end };
    });
    for (const [index, { id, body }] of threads.entries()) {
      // Spliced threads touch: only the first has the line feed that each of them saw in its own context.
      context.push(...encode(`${index === 0 ? "\n" : ""}<Thread>\n${id}:`), ...body);
    }

    // A thread without room, or one that ended the whole text, ends the run; one that broke off does not.
    const spent = threads.map(({ end }) => end).find((end) => end === "eos" || end === "length");
    context.push(...encode(spent === undefined ? join.onward : join.last));
    if (spent !== undefined) return { calls, final: context, ending: { kind: spent } };
    own = [];
  }
}

/** The ids of the outlines behind the last <Outlines> token that main itself wrote, each once. */
function planIn(own: number[], { idOf, decode }: Vocabulary): string[] {
  const opener = own.lastIndexOf(idOf("<Outlines>"));
  if (opener < 0) return [];
  const heads = decode(own.slice(opener + 1)).matchAll(/<Outline>\s*([0-9]+(?:\.[0-9]+)*)\s*:/g);
  return [...new Set(Array.from(heads, (head) => head[1]!))];
}
