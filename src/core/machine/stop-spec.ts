import type { ScanProgram } from "../scanner/text-scanner.ts";

/**
 * What a call is watched for. A marker that is one token is found by its id only: the same characters spelled out are
 * text, as they are for the authors' loops. Any other marker is found in the text.
 */
export interface StopSpec {
  /** Every marker that ends the call. */
  readonly markers: readonly string[];
  readonly ids: ReadonlyMap<number, string>;
  /** Texts at which an engine may stop by itself: where each of them first ends, this call ends in any case. */
  readonly strings: readonly string[];
  /** What is searched in the text; undefined if nothing is. */
  readonly text: { readonly program: ScanProgram; readonly actions: readonly MatchAction[] } | undefined;
}

/** What happens when the pattern with the same index matches. */
export type MatchAction =
  | { readonly kind: "stop"; readonly marker: string }
  | { readonly kind: "spawn" }
  | { readonly kind: "wait" };
