import type { RunResult } from "../../run/result.ts";
import type { Comparison, Outcome } from "../compare.ts";
import type { Output, World } from "../world.ts";
import { counted, describeEnding, duration } from "./describe.ts";
import { painter } from "./paint.ts";
import { gainTable } from "./gain-table.ts";
import { visible } from "../../visible.ts";
import { isOfAttempts, voteLines } from "./votes.ts";

/** What a run gave, for people: its text on stdout, all about it on stderr. */
export function reportOutcome(world: World, outcome: Outcome): void {
  if ("text" in outcome) {
    reportRun(world, outcome);
    return;
  }
  reportRun(world, outcome.forkJoin);
  if ("equal" in outcome) reportGain(world.stderr, outcome);
  else {
    if (outcome.onePass !== undefined) world.stderr.write(`one-pass: ${summary(outcome.onePass)}\n`);
    if (outcome.sequential !== undefined) world.stderr.write(`sequential: ${summary(outcome.sequential)}\n`);
  }
}

export function warn(world: World, message: string): void {
  world.stderr.write(`${painter(world.stderr)("yellow", "warning:")} ${visible(message)}\n`);
}

/** A text as it is, but for what would do something to a terminal. */
export function writeText(stream: Output, text: string): void {
  const shown = stream.isTTY === true ? visible(text, { keep: "\n\t" }) : text;
  stream.write(shown.endsWith("\n") ? shown : `${shown}\n`);
}

export function reportGain(stream: Output, comparison: Comparison): void {
  stream.write(`\n${gainTable(comparison).join("\n")}\n`);
  stream.write(comparison.equal ? "Both wrote the same text.\n" : "The two texts differ.\n");
}

function reportRun(world: World, result: RunResult): void {
  writeText(world.stdout, shownText(result));
  for (const { code, message, threadId } of result.warnings)
    warn(world, `${message} (${threadId === "" ? code : `${code}, at ${threadId}`})`);
  if (isOfAttempts(result)) for (const line of voteLines(result)) world.stderr.write(`${visible(line)}\n`);
  world.stderr.write(`${painter(world.stderr)("dim", summary(result))}\n`);
}

/** The text of a run. Where its threads are all that there is, as after a fork that nothing joined, these by name. */
function shownText({ text, threads }: RunResult): string {
  if (text !== "" || threads.length === 0) return text;
  return threads.map((thread) => `${thread.name}:\n${thread.text.trim()}\n`).join("\n");
}

/** One line: how it ended, and what it took. */
export function summary({ ending, threads, tokens, accelerationRatio, retries, wallMs }: RunResult): string {
  const saved = accelerationRatio === 0 ? "" : ` (${Math.round(accelerationRatio * 100)} % less)`;
  return [
    describeEnding(ending),
    counted(threads.length, "thread"),
    counted(tokens.generated, "token"),
    `${tokens.criticalPath} on the critical path${saved}`,
    ...(retries === 0 ? [] : [`${retries} ${retries === 1 ? "retry" : "retries"}`]),
    duration(wallMs),
  ].join(", ");
}
