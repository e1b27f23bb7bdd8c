import { afterAll, describe, expect, it } from "vitest";
import { threadweaver } from "../src/core/dialects/bundled/index.ts";
import { exitCodeOf } from "../src/cli/exit-codes.ts";
import type { ErrorCode } from "../src/errors.ts";
import { eventSchema } from "../src/run/events.ts";
import { createRunner } from "../src/run/runner.ts";
import { createExampleFolder, fencesOf, readPage, runExample } from "./page-fences.ts";
import { planned, scriptedEngine } from "./run/scripted-engine.ts";

const page = readPage("docs/api.md");
const section = (title: string): string => page.split("\n## ").find((part) => part.startsWith(title)) ?? "";
const namesIn = (text: string): string[] => [...text.matchAll(/`(\w[\w-]*)(?:\[\])?`/g)].map(([, name = ""]) => name);

describe("the page of the API", () => {
  const { path: folder, remove } = createExampleFolder();
  afterAll(remove);

  it.each(fencesOf(page).filter((f) => f.info === "ts"))("runs and prints what it says: $code", async (fence) => {
    expect(await runExample(folder, fence.code)).toBe(fence.output);
  });

  it("names every field of the result, of its threads and of its counts", async () => {
    const engine = scriptedEngine(planned({ "1": { text: " odd.\n</Thread>" } }));
    const options = { tree: true, metadata: {} } as const;
    const result = await createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }, options).result;
    const fields = [result, result.tokens, result.threads[0] ?? {}].flatMap(Object.keys);
    expect(fields.length).toBeGreaterThan(35);
    expect(namesIn(section("Result"))).toEqual(expect.arrayContaining(fields));
    for (const name of Object.keys(result.usage)) expect(section("Result")).toContain(name);
  });

  it("names every event with its fields", () => {
    for (const { shape } of eventSchema.options) {
      const { type, at: _at, ...fields } = shape;
      const [name] = type.values;
      const text =
        section("Text and events")
          .split("\n- ")
          .find((item) => item.startsWith(`\`${name}\``)) ?? "";
      expect(namesIn(text), name).toEqual(expect.arrayContaining(Object.keys(fields)));
    }
  });

  it("names every option of a run that there is, and no other", () => {
    const runner = createRunner({ engine: scriptedEngine(() => ({ text: "." })), dialect: threadweaver });
    const known = (() => {
      try {
        runner.run({ prompt: "Q" }, { unknown: 1 } as never);
      } catch (error) {
        return /\(there are (.*)\)/.exec(String(error))?.[1]?.split(", ") ?? [];
      }
      return [];
    })();
    const items = section("Options of a run")
      .split(/\n- |;\s+/)
      .filter((item) => item.startsWith("`"));
    const named = items.flatMap((item) => namesIn(item.slice(0, item.indexOf(":"))));
    expect(named.toSorted()).toEqual(known.toSorted());
  });

  it("names every code of an error, and no other", () => {
    const codes = [...section("Errors").matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code as ErrorCode);
    expect(codes).toHaveLength(13);
    for (const code of codes) expect(exitCodeOf(code), code).toBeTypeOf("number");
  });

  it("has lines that fit a terminal", () => {
    for (const line of page.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});
