import { createCaller } from "./call.ts";
import type { Model, Transcript } from "./transcript.ts";

/** Each branch goes on from the prompt, and main writes nothing. */
export function interpret(model: Model, prompt: string): Transcript {
  return run(model, prompt, false);
}

/** The same, and then main goes on from the prompt and from what the program makes of the results. */
export function interpretCombined(model: Model, prompt: string): Transcript {
  return run(model, prompt, true);
}

function run(model: Model, prompt: string, goesOn: boolean): Transcript {
  const { bos, eos, encode, encodePlain, decode } = model.vocabulary;
  const { calls, write } = createCaller(model);
  const trunk = [bos, ...encode(prompt)];
  const { branches, combine } = model.planned!;
  const ends: string[] = [];
  const results = branches.map(({ text, maxTokens = Infinity }, at) => {
    const { ids, end } = write(`0/1.${at + 1}`, [...trunk, ...encodePlain(text)]);
    const own = ids.slice(0, maxTokens);
    ends.push(own.length < maxTokens ? end : own.at(-1) === eos ? "eos" : "length");
    return decode(own);
  });
  if (ends.every((end) => end === "failed")) return { calls, final: trunk, ending: { kind: "failed" } };
  if (!goesOn) return { calls, final: trunk, ending: { kind: "eos" } };
  const context = [...trunk, ...encodePlain(combine(results))];
  const main = write("0", context);
  return { calls, final: [...context, ...main.ids], ending: { kind: main.end } };
}
