import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stepFolder } from "./loop.ts";

/** What one step of P-GRPO says of itself. Tokens are means over its rollouts. */
export interface StepNumbers {
  readonly step: number;
  readonly loss: number;
  /** Of the gradient; 0 where no group had different rewards, so that nothing was changed. */
  readonly norm: number;
  readonly drift: number;
  readonly reward: number;
  readonly path_tokens: number;
  readonly total_tokens: number;
  readonly targets: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly sampled: { readonly right: number; readonly groups: number; readonly equal: number };
}

/** @param step counts from 1. */
export function readNumbers(out: string, step: number): StepNumbers {
  const folder = stepFolder(out, "p-grpo", step);
  const read = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), "utf8"));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the trainer and the sampler wrote them
  return { ...(read(join("checkpoint", "numbers.json")) as object), sampled: read("sampled.json") } as StepNumbers;
}
