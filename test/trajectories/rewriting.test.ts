import { expect, it } from "vitest";
import { threadweaver as dialect } from "../../src/core/dialects/bundled/index.ts";
import { validateFormat } from "../../src/core/validation/validate.ts";
import { Answers } from "../../src/trajectories/ask/answers.ts";
import { Asker } from "../../src/trajectories/ask/asker.ts";
import { memoryJournal } from "../../src/trajectories/ask/journal.ts";
import { Spending } from "../../src/trajectories/ask/spending.ts";
import { graphCriticalPath } from "../../src/trajectories/dependencies/graph.ts";
import { generate } from "../../src/trajectories/making/generate.ts";
import type { Outcome } from "../../src/trajectories/filter/outcome.ts";
import { rewriteTrace } from "../../src/trajectories/rewriting/rewrite.ts";
import type { RewriteWork } from "../../src/trajectories/rewriting/work.ts";
import { runs } from "../core/drive.ts";
import { openEndpoint } from "./endpoint.ts";
import { goodAnswer } from "./good-endpoint.ts";
import { task } from "./tasks.ts";

it("rewrites 200 traces into texts that are well-formed and right, and as short as their graphs allow", async () => {
  await using endpoint = await openEndpoint((prompt) => JSON.stringify(goodAnswer(prompt).items));
  const tasks = Array.from({ length: runs(200) }, (_, seed) => task(seed));
  const spending = new Spending(undefined);
  const asker = new Asker(endpoint.engine, new Answers(memoryJournal(), spending));
  const outcomes: Outcome<RewriteWork>[] = [];
  const options = { dialect, allowSequential: true, minBalance: 0, minGain: 0, maxShare: 0.7 };
  const made = await generate({
    sources: tasks,
    make: (source) => rewriteTrace(source, asker, options),
    onOutcome: (outcome) => outcomes.push(outcome),
    sequentialShare: 1,
  });
  expect(made).toMatchObject({ failed: 0, early: undefined });
  expect(outcomes.flatMap(({ setAside }) => setAside)).toEqual([]);
  for (const [i, { kept, work }] of outcomes.entries()) {
    const { id, needs, answer, trace } = tasks[i]!;
    const [text] = kept;
    expect(text, id).toMatchObject({ id, answer: `${answer}` });
    expect(validateFormat(dialect, text!.text)).toEqual([]);
    // The graph that the task was made with. The first line comes before all, the last one needs the line before it.
    const lines = trace.split("\n");
    const known = [[], ...needs.map((one) => (one.length === 0 ? [1] : one.map((n) => n + 1))), [lines.length - 1]];
    const lengths = lines.map((line) => line.trim().length);
    const path = graphCriticalPath(known, lengths);
    expect(work?.paths, id).toMatchObject({ graph: path, blocks: path });
    expect(text?.kind, id).toBe(path < work!.paths!.text ? "parallel" : "sequential");
    expect(text!.text).not.toMatch(/As before|In the same way|Now that this is done/);
  }
  expect(outcomes.filter(({ kept }) => kept[0]!.kind === "parallel").length).toBeGreaterThan(outcomes.length / 2);
  expect(endpoint.prompts).toHaveLength([...spending.steps.values()].reduce((sum, one) => sum + one.questions, 0));
  expect(new Set(endpoint.prompts).size).toBe(endpoint.prompts.length);
});
