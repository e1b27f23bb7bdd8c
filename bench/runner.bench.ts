import { threadweaver } from "../src/core/dialects/bundled/index.ts";
import type { Engine } from "../src/engine/engine.ts";
import { llamaEngine } from "../src/llama/index.ts";
import { createRunner } from "../src/run/runner.ts";
import { alternate, report } from "./measure.ts";

const problems = ["64*27+14*89", "60*59+52*46+34*76", "37*64+82*19+45*71+23*68"].map((terms) => `Q: ${terms}\n`);

/** Fork-join for exactly this model and nothing else: no events, no tree, no counts, no errors. */
async function byHand(engine: Engine, prompt: string): Promise<string> {
  const { tokenizer } = engine;
  const encode = (text: string) => tokenizer.encode(text, { controls: "parse" });
  const [closeOutlines = 0] = await encode("</Outlines>");
  const [closeThread = 0] = await encode("</Thread>");
  const complete = async (context: readonly number[], stop: number): Promise<number[]> => {
    const ids: number[] = [];
    const request = {
      prompt: context,
      stop: { ids: [stop] },
      maxTokens: engine.contextTokens - context.length,
      sampling: { temperature: 0, topP: 1 },
      signal: new AbortController().signal,
    };
    for await (const event of engine.complete(request)) {
      if (event.type === "pieces") for (const piece of event.pieces) ids.push(...(piece.ids ?? []));
    }
    return ids;
  };
  const bos = tokenizer.bos === undefined ? [] : [tokenizer.bos];
  const context = [...bos, ...(await encode(prompt))];
  const began = context.length;
  const plan = await complete(context, closeOutlines);
  context.push(...plan);
  const numbers = [...(await tokenizer.decode(plan)).matchAll(/<Outline>\s*(\d+)\s*:/g)].map((match) => match[1] ?? "");
  const threads = await Promise.all(
    numbers.map(async (n) => {
      const header = await encode(`\n<Thread>\n${n}:`);
      return [...header, ...(await complete([...context, ...header], closeThread))];
    }),
  );
  for (const [i, thread] of threads.entries()) context.push(...(i === 0 ? thread : thread.slice(1)));
  context.push(...(await encode("\n")));
  context.push(...(await complete(context, closeOutlines)));
  return tokenizer.decode(context.slice(began));
}

/** What the runner adds to decoding: events without a listener, the machine, the trie, the result. */
export async function runnerBench(): Promise<void> {
  const model = new URL("../models/forkjoin-arith-f16.gguf", import.meta.url).pathname;
  const engine = await llamaEngine({ model });
  const runner = createRunner({ engine, dialect: threadweaver });
  const [prompt = ""] = problems;
  const same =
    `${(await runner.run({ prompt }, { temperature: 0 }).result).text}</s>` === (await byHand(engine, prompt));
  if (!same) throw new Error("the loop written by hand gives another text: it would not be a baseline");
  const ms = await alternate(
    {
      hand: async () => {
        for (const problem of problems) await byHand(engine, problem);
      },
      runner: async () => {
        for (const problem of problems) await runner.run({ prompt: problem }, { temperature: 0 }).result;
      },
      watched: async () => {
        for (const problem of problems)
          for await (const event of runner.run({ prompt: problem }, { temperature: 0 })) void event;
      },
    },
    { rounds: 9, warmup: 1 },
  );
  await engine.close();
  const { hand = 1, runner: own = 0, watched = 0 } = ms;
  report("runner: wall clock over a loop written by hand", (own / hand).toFixed(3), "goal <= 1.02");
  report("runner: the same with a listener to every event", (watched / hand).toFixed(3));
}
