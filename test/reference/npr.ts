import { interpretFamily } from "./multiverse-family.ts";
import type { Model, Transcript } from "./transcript.ts";

const npr = {
  list: "guideline",
  item: "plan",
  thread: "step",
  summary: "takeaway",
  maxThreads: 5,
  emptyEnds: true,
} as const;

export function interpret(model: Model, prompt: string): Transcript {
  return interpretFamily(npr, model, prompt);
}
