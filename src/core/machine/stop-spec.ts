import type { ScanProgram } from "../scanner/text-scanner.ts";

/**
 * What a call is watched for. A marker that is one token is found by its id and by nothing else (the same characters
 * spelled out are text, as for the authors' loops); any other is found in the text.
 */
export interface StopSpec {
  /** Every marker that ends the call. */
  readonly markers: readonly string[];
  readonly ids: ReadonlyMap<number, string>;
  /** For the text, where anything must be looked for there. */
  readonly text: { readonly program: ScanProgram; readonly actions: readonly MatchAction[] } | undefined;
}

/** What happens when the pattern of that index matches. */
export type MatchAction =
  | { readonly kind: "stop"; readonly marker: string }
  | { readonly kind: "spawn" }
  | { readonly kind: "wait" };
