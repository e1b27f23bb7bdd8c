import type { Token } from "node-llama-cpp";

/** node-llama-cpp brands its ids so that no other number is taken for one; ours are numbers, checked where they come in. */
export function asTokens(ids: readonly number[]): Token[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a brand has no other way in
  return ids as Token[];
}
