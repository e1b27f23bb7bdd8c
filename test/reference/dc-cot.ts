import { createCaller } from "./call.ts";
import type { Model, Transcript } from "./transcript.ts";

const MAX_ROUNDS = 1000;
const MAX_WORKER_TOKENS = 40_000;

/** `budget`: tokens on the parallel length, which is main's own and those of the longest worker of each round. */
export function interpret(model: Model, prompt: string, budget = Infinity): Transcript {
  const { bos, encode } = model.vocabulary;
  const { calls, writeUntilText } = createCaller(model);
  const context = [bos, ...encode(prompt)];
  const done = (kind: Transcript["ending"]["kind"]) => ({ calls, final: context, ending: { kind } });
  let left = budget;

  for (let rounds = 1; ; rounds += 1) {
    if (left <= 0) return done("length");
    const main = writeUntilText("0", context, "<spawn_workers>", left);
    context.push(...main.kept);
    left -= main.tokens;
    if (main.end !== "marker") return done(main.end);
    if (rounds > MAX_ROUNDS) return done("refused");

    const fork = [...context];
    let longest = 0;
    for (const n of [1, 2, 3]) {
      const header = encode(`<worker_${n}>`);
      context.push(...header);
      if (left <= 0) continue; // nobody is asked for no tokens
      const most = Math.min(left, MAX_WORKER_TOKENS);
      // Each sees main only, and stops at its own number.
      const worker = writeUntilText(`0/${rounds}.${n}`, [...fork, ...header], `</worker_${n}>`, most);
      longest = Math.max(longest, worker.tokens);
      // Whatever ended it, nothing is added; only an end of sequence is not kept.
      context.push(...(worker.end === "eos" ? worker.kept.slice(0, -1) : worker.kept));
    }
    left -= longest;
    context.push(...encode("</spawn_workers>"));
  }
}
