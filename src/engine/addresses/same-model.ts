import { ThreadweaverError } from "../../errors.ts";
import type { ServerReport } from "../detect/server-report.ts";

type Model = Pick<ServerReport, "address" | "model" | "tier" | "vocabularySize" | "bos" | "controls">;

/**
 * Checks that a further address has the model of the first one: token ids go from one to the other.
 *
 * @throws `engine_refused`, which says which address differs in what.
 */
export function checkSameModel(first: Model, other: Model): void {
  const difference = differenceOf(first, other);
  if (difference === undefined) return;
  const message = `${other.address} is not used: ${difference}, so it does not serve the same model as ${first.address}.`;
  throw new ThreadweaverError("engine_refused", message);
}

function differenceOf(first: Model, other: Model): string | undefined {
  for (const [what, one, two] of [
    ["model", first.model, other.model],
    ["tier", first.tier, other.tier],
    ["begin of sequence", first.bos, other.bos],
  ]) {
    if (one !== two) return `its ${what} is ${two ?? "unknown"}, not ${one ?? "unknown"}`;
  }
  const [size, otherSize] = [first.vocabularySize, other.vocabularySize];
  if (size !== undefined && otherSize !== undefined && size !== otherSize) {
    return `its vocabulary has ${otherSize} tokens, not ${size}`;
  }
  for (const text of Object.keys({ ...first.controls, ...other.controls })) {
    const [one, two] = [first.controls[text], other.controls[text]];
    if (one !== two) return `the id of ${text} is ${two ?? "none"}, not ${one ?? "none"}`;
  }
  return undefined;
}
