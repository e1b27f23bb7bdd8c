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

  it("shows a dialect from a file", async () => {
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

  it("takes a file that names its schema for editors, and no other field that starts so", async () => {
    const path = temporaryFolder()("mine.json");
    const { stdout } = await cli(["dialects", "show", "npr"]);
    const data = JSON.parse(stdout) as object;
    writeFileSync(path, JSON.stringify({ $schema: "./dialect.schema.json", ...data }));
    expect(await cli(["dialects", "show", path])).toMatchObject({ code: 0, stdout });
    writeFileSync(path, JSON.stringify({ $schema: 1, ...data }));
    expect((await cli(["dialects", "show", path])).stderr).toContain('Unrecognized key: "$schema"');
  });
});

describe("threadweaver dialects check", () => {
  const good = "a<Parallel><Path>x</Path><Path>y</Path></Parallel>\n<Summary>s</Summary>end";
  const example = (text: string): string => {
    const path = temporaryFolder()("example.txt");
    writeFileSync(path, text);
    return path;
  };

  it.each(Object.keys(dialects))("finds nothing wrong with %s", async (name) => {
    const { code, stdout } = await cli(["dialects", "check", name]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ok .*comes back from JSON as it was\nok .*it ends, whatever a model writes: 500 scripts\n/,
    );
    expect(stdout).toContain("No example was given. --example FILE");
  });

  it("replays examples, and says which threads they have", async () => {
    const paths = [example(good), example(good)];
    const { code, stdout } = await cli(["dialects", "check", "parallel-r1", ...paths.flatMap((p) => ["--example", p])]);
    expect(code).toBe(0);
    for (const path of paths) {
      expect(stdout).toContain(
        `ok    ${path}: a replay gives it again, with 1 fork and 2 threads\n      0/1.1  1\n      0/1.2  2\n`,
      );
    }
    expect(stdout).not.toContain("No example was given");
  });

  it("names file, line and column of what is wrong, and fails", async () => {
    const path = example(good.replace("</Parallel>\n<Summary>", "</Parallel>\n<Sum>"));
    const { code, stdout } = await cli(["dialects", "check", "parallel-r1", "--example", path]);
    expect(code).toBe(1);
    expect(stdout).toContain(`wrong ${path}:1:40: the threads must be followed by "</Parallel>\\n<Summary>"\n`);
    expect(stdout).toContain(`wrong ${path}:2:5: what the run gives: expected "mary>", found ">s</Summary>end"\n`);
  });

  it("does not take an example without a thread for a proof", async () => {
    const path = example("just text");
    const { code, stdout } = await cli(["dialects", "check", "parallel-r1", "--example", path]);
    expect(code).toBe(1);
    expect(stdout).toContain(`wrong ${path}: no thread started: nothing in it was read as a plan\n`);
  });

  it("says so where an example cannot be replayed", async () => {
    const path = example("x");
    const { code, stdout } = await cli(["dialects", "check", "apr", "--example", path]);
    expect(code).toBe(0);
    expect(stdout).toContain(`ok    ${path}: the example is not replayed`);
  });

  it("gives its checks as JSON", async () => {
    const path = example("just text");
    const { code, stdout } = await cli(["dialects", "check", "parallel-r1", "--example", path, "--json"]);
    expect(code).toBe(1);
    const checks = JSON.parse(stdout) as { where: string; problem?: string }[];
    expect(checks).toHaveLength(4);
    expect(checks.filter(({ problem }) => problem !== undefined)).toMatchObject([{ where: path }]);
  });

  it.each([
    [["check"], "dialects check needs the path of a dialect, or a name."],
    [["check", "none.json"], "The dialect none.json cannot be read"],
    [["check", "npr", "--example", "none.txt"], "The example none.txt cannot be read"],
    [["show", "npr", "--example", "none.txt"], "--example is for dialects check."],
    [["chek"], "dialects has list, show and check, but no chek. Did you mean check?"],
  ])("refuses %j", async (args, message) => {
    const { code, stdout, stderr } = await cli(["dialects", ...args]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
  });

  it("names every mistake of a file that is no dialect", async () => {
    const path = temporaryFolder()("mine.json");
    writeFileSync(path, '{"name": "mine"}');
    const { code, stderr } = await cli(["dialects", "check", path]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${path}: dialect mine is not valid`);
    expect(stderr).toContain("→ at trigger");
  });
});
