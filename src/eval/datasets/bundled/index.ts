import { chains } from "./chains.ts";
import { decomposes } from "./decomposes.ts";
import type { BundledRow } from "./row.ts";

/** The 60 problems of this package: half decompose, half are chains. In turn, so that the first few are some of both. */
export const bundledRows: readonly BundledRow[] = decomposes.flatMap((row, index) => {
  const chain = chains[index];
  return chain === undefined ? [row] : [row, chain];
});
