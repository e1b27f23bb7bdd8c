import { equal, extractAnswer, policyOf, type ExtractionRule, type Verdict } from "../../grade/index.ts";
import { exitCodes } from "../exit-codes.ts";
import type { commands } from "../flags/commands.ts";
import type { Values } from "../flags/flag.ts";
import { askMathVerify } from "../grade/math-verify.ts";
import { readPairs, type Pair } from "../grade/pairs.ts";
import { visible } from "../../visible.ts";
import type { World } from "../world.ts";

type GradeFlags = Values<(typeof commands)["grade"]["flags"]>;

interface Graded extends Pair, Verdict {}

/** `threadweaver grade`: a verdict for each line of standard input; with a cross-check, what math-verify says of them too. */
export async function gradeCommand(flags: GradeFlags, world: World): Promise<number> {
  const policy = policyOf(flags.policy);
  const graded: Graded[] = [];
  for await (const pair of readPairs(world.stdin)) {
    const [gold, answer] = [answerIn(pair.gold, "auto"), answerIn(pair.answer, flags.extract)];
    const verdict = equal(gold, answer, policy);
    world.stdout.write(`${JSON.stringify(verdict)}\n`);
    if (flags["cross-check"] !== undefined) graded.push({ line: pair.line, gold, answer, ...verdict });
  }
  if (flags["cross-check"] !== undefined) await crossCheck(graded, flags, world);
  return exitCodes.ok;
}

function answerIn(text: string, rule: ExtractionRule): string {
  return extractAnswer(text, rule).answer ?? "";
}

async function crossCheck(graded: readonly Graded[], flags: GradeFlags, { stderr, signal }: World): Promise<void> {
  const { python, workers, timeout } = flags;
  const { version, opinions } = await askMathVerify(graded, { python, workers, timeoutMs: timeout * 1000, signal });
  const rows = graded.map((pair, index) => ({ ...pair, opinion: opinions[index] ?? "failed" }));
  const different = rows.filter(({ equal, opinion }) => opinion !== (equal ? "equal" : "different"));
  const late = rows.filter(({ opinion }) => opinion === "timed out").length;
  const failed = rows.filter(({ opinion }) => opinion === "failed").length;
  const agreed = rows.length - different.length;
  stderr.write(
    `math-verify${version === "" ? "" : ` ${version}`} agrees on ${agreed} of ${rows.length} pairs; ` +
      `it says otherwise of ${different.length - late - failed}, timed out on ${late} and failed on ${failed}.\n`,
  );
  for (const { line, gold, answer, equal, rule, opinion } of different) {
    const ours = `${equal ? "equal" : "different"} (${rule})`;
    stderr.write(
      visible(`line ${line}: gold ${gold} | answer ${answer} | threadweaver: ${ours} | math-verify: ${opinion}`),
    );
    stderr.write("\n");
  }
}
