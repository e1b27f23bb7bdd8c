import type { Token } from "node-llama-cpp";

/** Casts ids to the branded type of node-llama-cpp. They were checked where they came in. */
export function asTokens(ids: readonly number[]): Token[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a brand has no other way in
  return ids as Token[];
}
