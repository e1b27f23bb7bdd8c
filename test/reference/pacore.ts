import { createCaller } from "./call.ts";
import type { Model, Transcript } from "./transcript.ts";

const COUNTS = [4, 1];

/** Rounds of attempts at one prompt; each later round is asked anew, with the answers of the round before it. */
export function interpret(model: Model, prompt: string): Transcript {
  const { bos, encode, encodePlain, decode } = model.vocabulary;
  const { calls, write } = createCaller(model);
  const trunk = [bos, ...encode(prompt)];
  let context = trunk;
  for (const [round, count] of COUNTS.entries()) {
    const attempts = Array.from({ length: count }, (_, at) => write(`0/${round + 1}.${at + 1}`, context));
    if (attempts.every(({ end }) => end === "failed")) return { calls, final: trunk, ending: { kind: "failed" } };
    const answers = attempts.map(({ ids, end }) =>
      end === "failed" || end === "cut" ? "" : decode(ids).split("</think>").at(-1)!.trim(),
    );
    context = [
      bos,
      ...encodePlain(
        ask(
          prompt,
          answers.filter((answer) => answer !== ""),
        ),
      ),
    ];
  }
  return { calls, final: trunk, ending: { kind: "eos" } };
}

function ask(question: string, answers: readonly string[]): string {
  return [
    "## Question",
    question,
    "",
    "## References",
    "These are independent answers to the question. Any of them may be wrong.",
    "",
    answers.map((answer, at) => `### Reference ${at + 1}\n${answer}`).join("\n\n"),
    "",
    "## Task",
    "Compare the references, find out where they are wrong, and answer the question anew.",
  ].join("\n");
}
