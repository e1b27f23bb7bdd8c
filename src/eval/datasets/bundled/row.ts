/** A problem of this package, as a row of a file. */
export type BundledRow = {
  readonly id: string;
  readonly topic: "algebra" | "arithmetic" | "counting" | "geometry" | "number theory" | "probability" | "rates";
  readonly question: string;
  readonly answer: string;
} & ({ readonly kind: "decomposes"; readonly parts: number } | { readonly kind: "chain"; readonly steps: number });
