import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { ThreadweaverError, type ErrorCode } from "../../src/errors.ts";
import { cli } from "./support.ts";

describe("the program", () => {
  it("shows its help, and that of a command, on stdout", async () => {
    expect(await cli(["--help"])).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^Usage: /) });
    const { code, stdout } = await cli(["run", "-h"]);
    expect(code).toBe(0);
    expect(stdout).toContain("--max-thread-tokens N");
  });

  it("shows its version", async () => {
    expect(await cli(["--version"])).toMatchObject({ code: 0, stdout: `${packageJson.version}\n` });
  });

  it("without a command shows its help on stderr and fails", async () => {
    expect(await cli([])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("Commands:") });
  });

  it.each([
    [["rnu"], 'There is no command "rnu". Did you mean run?'],
    [["--verbose"], "There is no option --verbose."],
    [["run"], "No prompt was given."],
    [["demo", "now"], 'Not understood: "now".'],
    [["dialects", "shwo"], "Did you mean show?"],
  ])("refuses %j with a hint and exit code 2", async (args, hint) => {
    const { code, stdout, stderr } = await cli(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(hint);
    expect(stderr).toMatch(/^threadweaver: .*See: threadweaver.* --help\n$/);
  });
});

describe("an error of a command", () => {
  const failing = (error: unknown) =>
    cli(["run", "x", "--model", "some.gguf"], { engine: () => Promise.reject(error) });

  it.each<[ErrorCode, number]>([
    ["missing_dependency", 2],
    ["file", 2],
    ["invalid_option", 2],
    ["engine_unavailable", 1],
    ["engine_refused", 1],
    ["context_exceeded", 1],
    ["aborted", 130],
  ])("with code %s is told on stderr and exits with %i", async (code, exit) => {
    const ran = await failing(new ThreadweaverError(code, "This went wrong. Do that."));
    expect(ran).toMatchObject({ code: exit, stdout: "", stderr: "threadweaver: This went wrong. Do that.\n" });
  });

  it("speaks of flags where the library speaks of options", async () => {
    const { stderr } = await failing(
      new ThreadweaverError("engine_refused", "set contextTokens, maxTokens or (timeouts.idleMs), at baseURL"),
    );
    expect(stderr).toBe("threadweaver: set --context-tokens, --max-tokens or (--idle-timeout), at --engine\n");
  });

  it("that is a mistake of ours asks for a report", async () => {
    const { code, stderr } = await failing(new TypeError("x is not a function"));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^threadweaver: x is not a function\. This is a mistake in threadweaver.*report it/);
  });

  it("brings no control characters to the terminal", async () => {
    const { stderr } = await failing(new ThreadweaverError("engine_refused", "it said \u001b[2J\u0007"));
    expect(stderr).toBe("threadweaver: it said \\x1b[2J\\x07\n");
  });
});
