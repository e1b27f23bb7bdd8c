import { appendFileSync, readFileSync, rmSync, mkdtempSync, truncateSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Answers } from "../../src/trajectories/ask/answers.ts";
import { JournalFile, type JournalHeader } from "../../src/trajectories/ask/journal-file.ts";
import { memoryJournal } from "../../src/trajectories/ask/journal.ts";
import { BudgetSpent, Spending } from "../../src/trajectories/ask/spending.ts";

const header: JournalHeader = {
  type: "header",
  version: 1,
  kind: "rewrite",
  model: "m",
  created: "2026-01-01T00:00:00.000Z",
  settings: { seed: 1, sampling: {} },
};

const made =
  (value: string, generated = 10) =>
  async () => ({
    value,
    tokens: { prompt: 100, cached: 60, generated },
  });
const never = async (): Promise<never> => Promise.reject(new Error("it was asked again"));

describe("answers", () => {
  it("are asked for once, at the same time and later, and paid for once", async () => {
    const spending = new Spending({ input: 2, output: 10, cachedInput: 1 });
    const answers = new Answers(memoryJournal(), spending);
    const [a, b] = await Promise.all([
      answers.get("steps", { q: 1 }, made("one")),
      answers.get("steps", { q: 1 }, never),
    ]);
    expect([a, b, await answers.get("steps", { q: 1 }, never)]).toEqual(["one", "one", "one"]);
    expect(await answers.get("needs", { q: 1 }, made("two"))).toBe("two");
    expect(Object.fromEntries(spending.steps)).toEqual({
      steps: { questions: 1, prompt: 100, cached: 60, generated: 10 },
      needs: { questions: 1, prompt: 100, cached: 60, generated: 10 },
    });
    expect(spending.tokens).toBe(220);
    expect(spending.cost).toBeCloseTo((2 * (40 * 2 + 60 * 1 + 10 * 10)) / 1e6, 12);
  });

  it("are not asked for when the budget is spent; those that are there still come", async () => {
    const answers = new Answers(memoryJournal(), new Spending(undefined, { tokens: 110 }));
    await answers.get("steps", 1, made("one"));
    await expect(answers.get("steps", 2, never)).rejects.toThrow(BudgetSpent);
    expect(await answers.get("steps", 1, never)).toBe("one");
    const priced = new Answers(memoryJournal(), new Spending({ input: 1, output: 1 }, { cost: 0.0001 }));
    await priced.get("steps", 1, made("one"));
    await expect(priced.get("steps", 2, never)).rejects.toThrow("The budget of 0.0001 is spent.");
  });

  it("that failed are asked for again", async () => {
    const answers = new Answers(memoryJournal(), new Spending(undefined));
    await expect(answers.get("steps", 1, never)).rejects.toThrow("asked again");
    expect(await answers.get("steps", 1, made("one"))).toBe("one");
  });
});

describe("the journal", () => {
  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), "threadweaver-journal-"));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return join(path, "answers.jsonl");
  };
  const open = async (path: string, how: "new" | "resume" | "overwrite" = "resume", settings = header) =>
    JournalFile.open(path, settings, { resume: how === "resume", overwrite: how === "overwrite" });
  const filled = async (path: string): Promise<void> => {
    const journal = await open(path, "new");
    const answers = new Answers(journal, new Spending(undefined));
    for (const n of [1, 2, 3]) await answers.get("steps", n, made(`é${"x".repeat(n)}`));
    journal.close();
  };

  it("gives its answers back, byte for byte, and keeps when it was begun", async () => {
    const path = folder();
    await filled(path);
    const journal = await open(path, "resume", { ...header, created: "2027-01-01T00:00:00.000Z" });
    const answers = new Answers(journal, new Spending(undefined));
    expect(journal).toMatchObject({ earlier: 3, damaged: 0, created: header.created });
    for (const n of [3, 1, 2]) expect(await answers.get("steps", n, never)).toBe(`é${"x".repeat(n)}`);
    await answers.get("steps", 4, made("four"));
    expect(await answers.get("steps", 4, never)).toBe("four");
    journal.close();
  });

  it("loses of a torn file no more than the torn line, and of a damaged one the damaged lines", async () => {
    const path = folder();
    await filled(path);
    const whole = readFileSync(path, "utf8");
    truncateSync(path, statSync(path).size - 5);
    const torn = await open(path);
    expect(torn).toMatchObject({ earlier: 2, damaged: 1 });
    const answers = new Answers(torn, new Spending(undefined));
    await answers.get("steps", 3, made("éxxx"));
    torn.close();
    expect(readFileSync(path, "utf8")).toBe(whole);
    appendFileSync(path, '{"type":"answer"}\nnothing\n');
    const damaged = await open(path);
    expect(damaged).toMatchObject({ earlier: 3, damaged: 2 });
    damaged.close();
    expect(readFileSync(path, "utf8")).toBe(whole);
  });

  it("is for its owner alone", async () => {
    const path = folder();
    (await open(path, "new")).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("begins anew where not even its header is whole", async () => {
    const path = folder();
    appendFileSync(path, '{"type":"hea');
    const journal = await open(path);
    journal.close();
    expect(readFileSync(path, "utf8")).toBe(`${JSON.stringify(header)}\n`);
  });

  it("refuses a file that it may not touch, one of another kind, and other settings, with each difference", async () => {
    const path = folder();
    await filled(path);
    await expect(open(path, "new")).rejects.toThrow(/exists\. Add --resume to go on with it, or --overwrite/);
    const other = { ...header, model: "n", settings: { seed: 2, sampling: {} } };
    await expect(open(path, "resume", other)).rejects.toThrow(
      'was made with other settings. model: "m" there, "n" now; seed: 1 there, 2 now.',
    );
    (await open(path, "overwrite", other)).close();
    expect(readFileSync(path, "utf8")).toBe(`${JSON.stringify(other)}\n`);
    const foreign = folder();
    appendFileSync(foreign, '{"trace":1}\n');
    await expect(open(foreign)).rejects.toThrow("does not begin with the header of a journal of this version");
  });
});
