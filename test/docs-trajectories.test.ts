import { expect, it } from "vitest";
import { commands } from "../src/cli/flags/commands.ts";
import { files as rewritten } from "../src/cli/trajectories/rewrite.ts";
import { files as sampled } from "../src/cli/trajectories/sample.ts";
import { readPage } from "./page-fences.ts";

const page = readPage("docs/trajectories.md");

it("the page of trajectories has every file of a folder", () => {
  const named = [...page.matchAll(/^\| `([\w-]+\.\w+)` +\|/gm)].map(([, name]) => name ?? "");
  const made = new Set(["answers.jsonl", "card.md", "card.json", ...rewritten, ...sampled]);
  expect(named.toSorted()).toEqual([...made].toSorted());
});

it("the page of trajectories names only flags that there are", () => {
  const flags = [...page.matchAll(/--([a-z][a-z-]+)/g)].map(([, name]) => name ?? "");
  const known = { ...commands.trajectories.flags, ...commands.data.flags };
  expect(flags.length).toBeGreaterThan(15);
  for (const flag of flags) expect(Object.keys(known), flag).toContain(flag);
});
