import { createCaller } from "./call.ts";
import type { Model, Transcript } from "./transcript.ts";

const MAX_ROUNDS = 4;

export function interpret(model: Model, prompt: string): Transcript {
  const { bos, encode, idOf } = model.vocabulary;
  const { calls, writeUntil } = createCaller(model);
  const context = [bos, ...encode(prompt)];

  /** Writes until `close`; when the model does not write it, it takes EOS's place or is added. */
  const writeClosed = (threadId: string, from: readonly number[], close: string) => {
    const { ids, end } = writeUntil(threadId, from, [idOf(close)]);
    const closed = end === "marker" ? ids : [...(end === "eos" ? ids.slice(0, -1) : ids), ...encode(close)];
    return { ids, closed, end };
  };

  let refused = false;
  for (let rounds = 0; ;) {
    // After a block was refused for good, a tag that asks for another is text.
    const main = writeUntil("0", context, refused ? [] : [idOf("<Parallel>")]);
    context.push(...main.ids);
    if (main.end !== "marker") return { calls, final: context, ending: { kind: main.end } };
    refused = rounds === MAX_ROUNDS;
    if (refused) continue;
    rounds += 1;

    // Both paths see the very same context: only sampling tells them apart.
    const fork = [...context, ...encode("<Path>")];
    for (const path of [1, 2]) {
      const { closed } = writeClosed(`0/${rounds}.${path}`, fork, "</Path>");
      context.push(...encode("<Path>"), ...closed);
    }

    context.push(...encode("</Parallel>\n<Summary>"));
    const summary = writeClosed("0", context, "</Summary>");
    if (summary.end === "failed" || summary.end === "cut") {
      context.push(...summary.closed);
      return { calls, final: context, ending: { kind: summary.end } };
    }
    context.push(...summary.closed);
  }
}
