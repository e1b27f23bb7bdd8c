import type { ScanProgram } from "../scanner/text-scanner.ts";

/**
 * What a call is watched for. A marker that is one token is found by its id and by nothing else (the same characters
 * spelled out are text, as for the authors' loops); any other is found in the text.
 */
export interface StopSpec {
  /** Every marker that ends the call. */
  readonly stops: readonly string[];
  readonly ids: ReadonlyMap<number, string>;
  readonly eos: ReadonlySet<number>;
  /** For the text, where anything must be looked for there. */
  readonly text: { readonly program: ScanProgram; readonly meaning: readonly MatchAction[] } | undefined;
}

/** What it means when the pattern of that index matches. */
export type MatchAction =
  | { readonly kind: "stop"; readonly marker: string }
  | { readonly kind: "spawn" }
  | { readonly kind: "wait" };
