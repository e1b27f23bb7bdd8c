import { ThreadweaverError } from "../../errors.ts";
import { isReadable } from "../../grade/equal.ts";
import type { PolicyName } from "../../grade/presets.ts";
import { otherSampling, wholly, type RolloutProblem } from "../../rollout/options.ts";
import { openInput } from "../batch/input.ts";
import type { World } from "../world.ts";

/**
 * Reads the problems of a file, each with its answer. All of them, since a line that cannot be used would leave its mark
 * on every step that is trained on the file.
 *
 * @throws `invalid_option` with file and line.
 */
export async function readProblems(path: string, grading: PolicyName, world: World): Promise<RolloutProblem[]> {
  const problems: RolloutProblem[] = [];
  const seen = new Map<string, number>();
  for await (const line of openInput(path, world).read()) {
    const refuse = (why: string): ThreadweaverError =>
      new ThreadweaverError("invalid_option", `${path}:${line.line}: ${why}. A line is ${form}.`);
    if (line.mistake !== undefined) throw refuse(line.mistake);
    const { answer } = line.fields;
    if (answer === undefined || answer === null) throw refuse("it has no answer, so rollouts cannot be judged");
    // Numbers stand as they were written.
    const text = typeof answer === "string" ? answer : JSON.stringify(answer);
    if (!isReadable(text, grading)) throw refuse(`its answer ${text} cannot be graded`);
    const other = otherSampling(line.options);
    if (other !== undefined) throw refuse(`it says ${other}, and rollouts are ${wholly}`);
    // 1 and "1" give one id, and a line without an id is named by its number.
    const id = idOf(line.id);
    const twin = seen.get(id);
    if (twin !== undefined) throw refuse(`it has the id of line ${twin}, ${id}, and a group is of one problem`);
    seen.set(id, line.line);
    problems.push({ id, input: line.input, answer: text, options: line.options });
  }
  if (problems.length === 0) throw new ThreadweaverError("file", `${path} holds no problems. A line is ${form}.`);
  return problems;
}

const form = 'a JSON object such as {"id": "p1", "prompt": "…", "answer": "42"}';

function idOf(id: unknown): string {
  return typeof id === "string" ? id : JSON.stringify(id);
}
