import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dialectData } from "../../src/core/dialects/dialect.ts";
import { dialectFromData, dialects } from "../../src/core/dialects/bundled/index.ts";
import { cli, temporaryFolder } from "./support.ts";

describe("threadweaver dialects", () => {
  it("lists the bundled ones, a line each", async () => {
    const { code, stdout } = await cli(["dialects"]);
    expect(code).toBe(0);
    expect(stdout.split("\n").map((line) => line.split("  ")[0])).toEqual([...Object.keys(dialects), ""]);
    expect(await cli(["dialects", "list"])).toMatchObject({ stdout });
  });

  it("lists them as JSON", async () => {
    const { stdout } = await cli(["dialects", "list", "--json"]);
    const { name, version, summary } = dialects["apr"] ?? {};
    expect(JSON.parse(stdout)).toContainEqual({ name, version, summary });
  });

  it.each(Object.values(dialects))("shows $name as data from which the same dialect follows", async (dialect) => {
    const { code, stdout } = await cli(["dialects", "show", dialect.name]);
    expect(code).toBe(0);
    expect(dialectData(dialectFromData(JSON.parse(stdout)))).toEqual(dialectData(dialect));
  });

  it("shows, and so checks, a dialect from a file", async () => {
    const path = temporaryFolder()("mine.json");
    const { stdout } = await cli(["dialects", "show", "npr"]);
    writeFileSync(path, stdout);
    expect(await cli(["dialects", "show", path])).toMatchObject({ code: 0, stdout });
  });

  it.each([
    [
      "that is not bundled",
      "tread-weaver",
      'no dialect "tread-weaver". Did you mean threadweaver? Bundled are threadweaver,',
    ],
    ["that is no file", "none.json", "The dialect none.json cannot be read: there is no such file"],
    ["named like a property of every object", "constructor", 'There is no dialect "constructor".'],
  ])("refuses one %s", async (_, name, message) => {
    const { code, stdout, stderr } = await cli(["dialects", "show", name]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
  });

  it.each([
    ["not JSON", "{", "is not JSON"],
    ["no dialect", '{"name":"mine"}', "dialect mine is not valid"],
  ])("refuses a file that is %s, naming it", async (_, content, message) => {
    const path = temporaryFolder()("mine.json");
    writeFileSync(path, content);
    const { code, stderr } = await cli(["run", "x", "--dialect", path]);
    expect(code).toBe(2);
    expect(stderr).toContain(path);
    expect(stderr).toContain(message);
  });
});
