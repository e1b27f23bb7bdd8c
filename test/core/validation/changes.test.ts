import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Dialect } from "../../../src/core/dialects/schema.ts";
import {
  apr,
  asyncthink,
  dcCot,
  multiverse,
  npr,
  parallelR1,
  threadweaver,
  threadweaverConclusion,
} from "../../../src/core/dialects/bundled/index.ts";
import { textBetween } from "../../../src/core/trie/path.ts";
import { validateFormat } from "../../../src/core/validation/validate.ts";
import { type Flavour } from "../../reference/scripted-model.ts";
import { chanceFrom, hasty, runs } from "../drive.ts";
import { cast, chances, interruptBy, interruptions, limits, modes, runScripted } from "../scenarios.ts";
import { tidyText } from "./support.ts";

describe("single changes to texts without a mistake", () => {
  /** Where things are in a text of one of the formats that append threads. */
  interface Change {
    name: string;
    /** The changed text and the place of the change; undefined where there is nothing to change. */
    make: (text: string, chance: (n: number) => number) => { text: string; at: number } | undefined;
  }

  const pick = <T>(list: readonly T[], chance: (n: number) => number): T | undefined =>
    list.length === 0 ? undefined : list[chance(list.length)];
  const replaced = (text: string, from: number, length: number, by: string) => ({
    text: text.slice(0, from) + by + text.slice(from + length),
    at: from,
  });

  function changesFor(dialect: Dialect, thread: string, item: string | undefined): Change[] {
    const whole = new RegExp(`<${thread}>(?:(?!<${thread}>).)*?</${thread}>`, "gs");
    const changes: Change[] = [
      {
        name: "a tag is dropped",
        make(text, chance) {
          const tags = dialect.markers.flatMap((m) => [...text.matchAll(new RegExp(m, "g"))]);
          const tag = pick(tags, chance);
          return tag && replaced(text, tag.index, tag[0].length, "");
        },
      },
      {
        name: "a body is deleted",
        make(text, chance) {
          const bodies = [
            ...text.matchAll(
              new RegExp(`(?<=<${thread}>${item === undefined ? "" : "\\n[0-9.]+:"})[^<]*(?=</${thread}>)`, "g"),
            ),
          ];
          const body = pick(bodies, chance);
          return body && replaced(text, body.index, body[0].length, "");
        },
      },
      {
        name: "junk stands between threads",
        make(text, chance) {
          const place = pick([...text.matchAll(new RegExp(`</${thread}>\\s*(?=<${thread}>)`, "g"))], chance);
          return place && replaced(text, place.index + place[0].trimEnd().length, 0, "junk");
        },
      },
    ];
    if (item === undefined) return changes;
    changes.push(
      {
        name: "two threads change places",
        make(text) {
          const [one, two] = [...text.matchAll(whole)];
          if (one === undefined || two === undefined || two.index > one.index + one[0].length + 1) return undefined;
          const swapped = text.slice(0, one.index) + two[0] + one[0] + text.slice(two.index + two[0].length);
          return { text: swapped, at: one.index };
        },
      },
      {
        name: "a thread is renumbered",
        make(text, chance) {
          const number = pick([...text.matchAll(new RegExp(`(?<=<${thread}>\\n)[0-9.]+(?=:)`, "g"))], chance);
          return number && replaced(text, number.index, number[0].length, "77");
        },
      },
      {
        name: "an item is declared twice",
        make(text, chance) {
          const line = pick([...text.matchAll(new RegExp(`<${item}>.*?</${item}>\\n`, "gs"))], chance);
          return line && replaced(text, line.index, 0, line[0]);
        },
      },
      {
        name: "an item is renumbered",
        make(text, chance) {
          const line = pick([...text.matchAll(new RegExp(`(?<=<${item}>\\s*)[0-9.]+`, "g"))], chance);
          return line && replaced(text, line.index, line[0].length, "77");
        },
      },
    );
    return changes;
  }

  const formats: [Dialect, Flavour, string, string | undefined][] = [
    [threadweaver, "threadweaver", "Thread", "Outline"],
    [threadweaverConclusion, "threadweaver", "Thread", "Outline"],
    [npr, "npr", "step", "plan"],
    [multiverse, "multiverse", "Path", "Outline"],
    [parallelR1, "parallel-r1", "Path", undefined],
    [dcCot, "dc-cot", String.raw`worker_\d`, undefined],
  ];
  const cases = formats.flatMap(([dialect, flavour, thread, item]) =>
    changesFor(dialect, thread, item).map((change) => [change.name, dialect.name, dialect, flavour, change] as const),
  );

  it.each(cases)("%s in %s, and it is told of", (_, _name, dialect, flavour, change) => {
    let changed = 0;
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, by) => {
        const { text } = tidyText(dialect, flavour, seed);
        const made = change.make(text, chanceFrom(by));
        if (made === undefined) return;
        changed += 1;
        const problems = validateFormat(dialect, made.text);
        expect(problems.length).toBeGreaterThan(0);
        expect(problems.map(({ at }) => at)).toEqual(problems.map(({ at }) => at).sort((a, b) => a - b));
        for (const { at, message } of problems) {
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at).toBeLessThanOrEqual(made.text.length);
          expect(message).toMatch(/^[^\n]{8,}$/);
        }
        if (change.name === "junk stands between threads") {
          expect(problems).toEqual([
            { at: made.at, message: expect.stringMatching(/^text before a thread: "junk/) as string },
          ]);
        }
        if (change.name === "a body is deleted") {
          expect(problems).toEqual([
            { at: expect.any(Number) as number, message: expect.stringMatching(/^thread [0-9.]+ is empty$/) as string },
          ]);
        }
      }),
      { numRuns: runs(60) },
    );
    if (runs(60) === 60) expect(changed).toBeGreaterThan(5);
  });

  it.each<[Dialect, Flavour, RegExp]>([
    [apr, "apr", /<Sub Searches>|<End Sub Searches>/g],
    [asyncthink, "asyncthink", /<\/?(?:FORK|JOIN)-[0-9.]+>|<\/?ANSWER>/g],
  ])("a tag of $name is dropped, and it is told of", (dialect, flavour, tags) => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, by) => {
        const { text } = tidyText(dialect, flavour, seed);
        const tag = pick([...text.matchAll(tags)], chanceFrom(by));
        // Without its opening tag the rest of a fork is text, unless somebody joins it.
        if (tag === undefined || (tag[0].startsWith("<FORK") && !text.includes(tag[0].replace("FORK", "JOIN")))) return;
        const problems = validateFormat(dialect, replaced(text, tag.index, tag[0].length, "").text);
        expect(problems.length).toBeGreaterThan(0);
      }),
      { numRuns: runs(150) },
    );
  });
});

describe("whatever the text", () => {
  it.each(cast)("a text of %s has problems in order, each in the text", (_, dialect, flavour) => {
    fc.assert(
      fc.property(chances, limits, interruptions, modes, (chance, limit, interruption, mode) => {
        const options = { limits: limit, interrupt: interruptBy(interruption), mode };
        const { state } = runScripted(dialect, flavour, chance, options);
        const main = state.sequences[0];
        const text = main === undefined ? "" : textBetween(state.trie, main.body, main.head);
        let last = 0;
        for (const { at } of validateFormat(dialect, text)) {
          expect(at).toBeGreaterThanOrEqual(last);
          last = at;
        }
        expect(last).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: runs(150) },
    );
  });

  it.skipIf(hasty).each(cast)(
    "reading a hostile text of %s takes no longer than its length allows",
    (_, dialect) => {
      const tags = [
        ...dialect.markers,
        "<Outlines><Outline>1:</Outline></Outlines>",
        "<Outlines></Outlines>",
        "<Parallel><Outlines><Outline>1:</Outline></Outlines><Thread>\n1:",
        "<Thread>\n1:",
        "<guideline><plan>1:</plan></guideline><step>\n1:",
        "<spawn_workers><worker_1></worker_1>",
        "<FORK-1>",
        "<FORK-1></FORK-1><JOIN-1>",
        "<JOIN-1>",
        "</JOIN-1>",
        "<Sub Searches><Goal Reached in Sub Search 0 at level 1 at Node #0>",
        " ",
        "<Parallel> ",
      ];
      for (const tag of tags) validateFormat(dialect, tag.repeat(Math.ceil(60_000 / tag.length)));
      for (const tag of tags) validateFormat(dialect, `${tags.join("")}${tag.repeat(Math.ceil(20_000 / tag.length))}`);
    },
    20_000,
  );
});
