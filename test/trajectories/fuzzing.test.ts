import { expect, it } from "vitest";
import { threadweaver as dialect } from "../../src/core/dialects/bundled/index.ts";
import { Answers } from "../../src/trajectories/ask/answers.ts";
import { Asker } from "../../src/trajectories/ask/asker.ts";
import { memoryJournal } from "../../src/trajectories/ask/journal.ts";
import { Spending } from "../../src/trajectories/ask/spending.ts";
import type { LedgerEntry } from "../../src/trajectories/edits/ledger.ts";
import { generate } from "../../src/trajectories/making/generate.ts";
import type { Outcome } from "../../src/trajectories/filter/outcome.ts";
import { rewriteTrace } from "../../src/trajectories/rewriting/rewrite.ts";
import type { RewriteWork } from "../../src/trajectories/rewriting/work.ts";
import { chanceFrom, runs, type Chance } from "../core/drive.ts";
import { openEndpoint } from "./endpoint.ts";
import { goodAnswer } from "./good-endpoint.ts";
import { task } from "./tasks.ts";

/** What models do to an answer. */
const spoils: Readonly<Record<string, (items: readonly unknown[], prompt: string, chance: Chance) => string>> = {
  drops: (items, _, chance) => JSON.stringify(items.toSpliced(chance(Math.max(1, items.length)), 1)),
  overlaps: (items) => JSON.stringify(items.flatMap((item) => [item, item])),
  reorders: (items) => JSON.stringify(items.toReversed()),
  truncates: (items, _, chance) => JSON.stringify(items).slice(0, chance(200)),
  echoes: (_, prompt) => prompt,
  refuses: () => "I'm sorry, but I can't help with that.",
  prose: (items) => `First comes ${JSON.stringify(items[0] ?? "nothing")}, and so on.`,
  empty: () => "[]",
  silence: () => "",
  numbers: (items) => JSON.stringify(items).replaceAll(/\d+/g, (n) => `${Number(n) + 1}`),
  strings: (items) => JSON.stringify(items.map((item) => JSON.stringify(item))),
  edits: (_, prompt, chance) => {
    const words = prompt.split(/\s+/).filter((word) => word.length > 2);
    const word = () => words[chance(words.length)] ?? "x1";
    const edit = () => ({ thread: chance(4), old: word(), new: chance(2) === 0 ? "" : word(), reason: "because" });
    return JSON.stringify(Array.from({ length: 1 + chance(3) }, edit));
  },
  tags: (items) => JSON.stringify(items).replaceAll("x", "<Thread>x"),
};
const names = Object.keys(spoils);

/** `npm run test:fuzz` asks for 10,000. */
const replies = runs(Number(process.env["FUZZ_REPLIES"] ?? 1500));

it("loses no line and changes no text without a ledger entry, whatever an endpoint answers", async () => {
  const chance = chanceFrom(7);
  const spoilt = new Map<string, number>();
  await using endpoint = await openEndpoint((prompt) => {
    const { items } = goodAnswer(prompt);
    if (chance(5) > 1) return `Here it is:\n\`\`\`json\n${JSON.stringify(items)}\n\`\`\``;
    const name = names[chance(names.length)] ?? "silence";
    spoilt.set(name, (spoilt.get(name) ?? 0) + 1);
    return spoils[name]!(items, prompt, chance);
  });
  const asker = new Asker(endpoint.engine, new Answers(memoryJournal(), new Spending(undefined)));
  const outcomes: Outcome<RewriteWork>[] = [];
  function* sources() {
    for (let seed = 0; endpoint.prompts.length < replies; seed += 1) yield { ...task(seed), id: `${seed}` };
  }
  const options = { dialect, allowSequential: true, minBalance: 0, minGain: 0, maxShare: 0.7 };
  const made = await generate({
    sources: sources(),
    make: (source) => rewriteTrace(source, asker, options),
    onOutcome: (outcome) => outcomes.push(outcome),
    sequentialShare: 1,
    concurrency: 16,
  });
  expect(made).toMatchObject({ failed: 0, early: undefined });
  const counts = { kept: 0, parallel: 0, edited: 0, aside: 0, givenUp: 0 };
  for (const { id, kept, setAside, work } of outcomes) {
    expect(kept.length + setAside.length, id).toBe(1);
    counts.aside += setAside.length;
    for (const { code, message } of setAside) expect([code, message], id).not.toContain("");
    const { ledger = [], blocks = [] } = work ?? {};
    if (blocks.some(({ givenUp }) => givenUp !== undefined)) counts.givenUp += 1;
    for (const { text, kind } of kept) {
      expect(withoutBlocks(text), id).toBe(edited(task(Number(id)).trace, ledger));
      counts.kept += 1;
      if (kind === "parallel") counts.parallel += 1;
      if (ledger.length > 0) counts.edited += 1;
    }
  }
  expect(endpoint.prompts.length).toBeGreaterThanOrEqual(replies);
  expect([...spoilt.keys()].toSorted()).toEqual(names.toSorted());
  expect(Math.min(...Object.values(counts)), JSON.stringify(counts)).toBeGreaterThan(0);
}, 600_000);

/** Knows nothing of how texts are assembled: tags can stand in no source, so what has them is not of the source. */
function withoutBlocks(text: string): string {
  return text
    .replaceAll(/<Parallel>\n<Outlines>\n(?:<Outline>.*<\/Outline>\n)+<\/Outlines>\n<Thread>\n1: /g, "")
    .replaceAll(/\n<\/Thread><Thread>\n\d+: /g, "\n")
    .replaceAll(/\n<\/Thread>\n<\/Parallel>/g, "");
}

function edited(text: string, ledger: readonly LedgerEntry[]): string {
  return ledger
    .toSorted((a, b) => b.at - a.at)
    .reduce((result, { at, removed, inserted }) => {
      expect(result.slice(at, at + removed.length)).toBe(removed);
      return result.slice(0, at) + inserted + result.slice(at + removed.length);
    }, text);
}
