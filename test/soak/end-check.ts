import type { ErrorCode } from "../../src/errors.ts";
import type { Book } from "./ledger.ts";
import { faultOf } from "./faults.ts";
import { differences, digestOf, type Outcome } from "./outcome.ts";
import type { Scenario } from "./scenario.ts";

/** How a run came out. `same`: as the same run without faults, token by token. `ended`: with a result that says what is missing. */
export type Way = "same" | "ended" | "aborted" | `failed: ${ErrorCode}`;

export function wayOf(outcome: Outcome, undisturbed: string): Way {
  if (digestOf(outcome) === undisturbed) return "same";
  const { error } = outcome;
  if (error === undefined) return "ended";
  return error.code === "aborted" ? "aborted" : `failed: ${error.code}`;
}

/** A run may end only as what befell it explains, and keeps what it had. */
export function checkEnd(
  way: Way,
  outcome: Outcome,
  { scenario, book, undisturbed }: { scenario: Scenario; book: Book; undisturbed: string },
): string[] {
  const problems: string[] = [];
  const allowed = allowedWays(scenario, book);
  if (!allowed.has(way)) {
    problems.push(`it ended as "${way}"${said(outcome)}, and may end as ${[...allowed].join(", ")}`);
    problems.push(...differences(undisturbed, digestOf(outcome)));
  }
  const { result, error } = outcome;
  const hasBegun = book.requests.length > 0;
  if (error !== undefined && hasBegun && error.partial === undefined) problems.push("it failed without partial");
  if (result !== undefined && result.complete !== (result.incomplete.length === 0)) {
    problems.push("complete does not agree with incomplete");
  }
  if (error === undefined && way === "ended" && result?.complete === true && !isUnseen(book)) {
    problems.push("it says that it is complete, and is not what it would be without faults");
  }
  return problems;
}

function said({ error, result }: Outcome): string {
  if (error !== undefined) return ` (${error.message})`;
  return ` (${JSON.stringify({ ending: result?.ending, incomplete: result?.incomplete })})`;
}

function isUnseen({ requests }: Book): boolean {
  return requests.some(({ fault, hasStruck }) => hasStruck && fault !== undefined && faultOf(fault).unseen === true);
}

function allowedWays({ cancel, loss, faults }: Scenario, book: Book): Set<Way> {
  const allowed = new Set<Way>(["same"]);
  if (cancel !== undefined) allowed.add("aborted");
  if (loss === "all lost") for (const code of ["engine_unavailable", "engine_failed", "timeout"] as const) fail(code);
  for (const { place, fault, hasStruck } of book.requests) {
    if (fault === undefined || !hasStruck) continue;
    const { lasting, fatal, unseen } = faultOf(fault);
    const isForever = faults.some((one) => one.place === place && one.forever && one.names.at(-1) === fault);
    if (fatal !== undefined) fail(fatal);
    if (lasting !== undefined && isForever) fail(lasting);
    if (unseen === true) for (const code of ["engine_failed", "engine_refused"] as const) fail(code);
  }
  return allowed;

  /** A thread that fails does not end its run. */
  function fail(code: ErrorCode): void {
    allowed.add(`failed: ${code}`);
    allowed.add("ended");
  }
}
