import { interpretFamily } from "./multiverse-family.ts";
import type { Model, Transcript } from "./transcript.ts";

const multiverse = {
  list: "Goal",
  item: "Outline",
  thread: "Path",
  summary: "Conclusion",
  maxThreads: 64,
  emptyEnds: false,
} as const;

export function interpret(model: Model, prompt: string): Transcript {
  return interpretFamily(multiverse, model, prompt);
}
