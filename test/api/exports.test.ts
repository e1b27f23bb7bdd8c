import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
  exports: Record<string, { "threadweaver-source"?: string }>;
};

/** Every name that an entry point exports, types included. */
function namesOf(source: string): string[] {
  const text = readFileSync(new URL(source, root), "utf8");
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = ""]) => list.split(","));
  const named = lists.map((item) => item.trim().split(/\s+/).at(-1) ?? "").filter((name) => name !== "");
  const declared = [...text.matchAll(/^export (?:async )?(?:const|function|class|interface|type) (\w+)/gm)];
  return [...named, ...declared.map(([, name = ""]) => name)].toSorted();
}

describe("the names that the package exports", () => {
  const entries = Object.entries(exports).flatMap(([entry, { "threadweaver-source": source }]) =>
    source === undefined ? [] : [[entry, source] as const],
  );

  it.each(entries)("%s: a change of this list is a change of the API", (_, source) => {
    expect(namesOf(source)).toMatchSnapshot();
  });

  it("are few at the root", async () => {
    expect(Object.keys(await import("../../src/index.ts")).length).toBeLessThanOrEqual(21);
    expect(namesOf("src/index.ts").length).toBeLessThanOrEqual(51);
  });
});
