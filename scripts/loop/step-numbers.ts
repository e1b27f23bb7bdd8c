import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stepFolder } from "./loop.ts";

/** What one step of P-GRPO says of itself. Tokens are means over its rollouts. */
export interface StepNumbers {
  readonly step: number;
  readonly loss: number;
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
  const path = join(stepFolder(out, "p-grpo", step), "numbers.json");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the loop wrote it
  return JSON.parse(readFileSync(path, "utf8")) as StepNumbers;
}
