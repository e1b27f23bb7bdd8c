import type { Engine } from "../../src/engine/engine.ts";
import type { ByteTokenizer } from "../../src/testing/index.ts";
import type { Scenario } from "./scenario.ts";
import type { Story } from "./story.ts";

/** The prompt of a story, so long that the context is full where the scenario wants it to be. */
export function promptOf(
  { prompt, main, threads }: Story,
  { overflow }: Pick<Scenario, "overflow">,
  tokenizer: ByteTokenizer,
  { contextTokens }: Pick<Engine, "contextTokens">,
): string {
  if (overflow === undefined) return prompt;
  const lengthOf = (text: string): number => tokenizer.encode(text).length;
  const plan = lengthOf(main[0] ?? "");
  const first = [...threads].slice(0, planned(main[0] ?? ""));
  const each = first.map(([id, text]) => lengthOf(`\n<Thread>\n${id}:${text}`));
  const own = 1 + lengthOf(prompt);
  const wanted = {
    "at start": contextTokens + 4,
    "in a thread": contextTokens - plan - Math.max(...each) + 3,
    "at the join": contextTokens - plan - each.reduce((sum, length) => sum + length, 0) + 2,
  }[overflow];
  return ".".repeat(Math.max(0, wanted - own)) + prompt;
}

/** Outlines of a plan. */
function planned(text: string): number {
  return text.split("</Outline>").length - 1;
}
