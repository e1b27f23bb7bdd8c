import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/flags/commands.ts";
import { commandHelp, programHelp } from "../../src/cli/flags/help.ts";
import { parse } from "../../src/cli/flags/parse.ts";

const run = (...args: string[]) => parse("run", commands.run, args);

describe("the flags of a command", () => {
  it("are read by name, checked, and completed by defaults", () => {
    expect(run("Q: 1\n", "--temperature", "0.5", "--top-p=0.9", "--seed", "7", "--mode", "compare", "--json")).toEqual({
      help: false,
      positionals: ["Q: 1\n"],
      flags: {
        engine: "llama",
        mode: "compare",
        temperature: 0.5,
        "top-p": 0.9,
        seed: 7,
        policy: [],
        retries: 6,
        "run-retries": 1000,
        "retry-wait": 0.5,
        "retry-max-wait": 30,
        header: {},
        resume: false,
        samples: 1,
        "stop-after": 10,
        grace: 20,
        json: true,
        tree: false,
        "no-text": false,
        raw: false,
        overwrite: false,
        help: false,
      },
    });
  });

  it("leave what stands behind -- alone", () => {
    expect(run("--json", "--", "--mode")).toMatchObject({ positionals: ["--mode"], flags: { json: true } });
  });

  it("take - for an argument", () => {
    expect(run("-")).toMatchObject({ positionals: ["-"] });
  });

  it("give way to --help, whatever else is wrong with their values", () => {
    expect(run("--temperature", "hot", "-h")).toEqual({ help: true });
  });

  it.each([
    ["an unknown one", ["--modle", "x"], "There is no option --modle. Did you mean --model?"],
    ["an unknown one like no other", ["--zzz"], "There is no option --zzz. See: threadweaver run --help"],
    ["the name of a property that every object has", ["--constructor"], "There is no option --constructor."],
    ["a missing value", ["--model"], "--model needs a value: --model MODEL."],
    ["a flag in place of a value", ["--model", "--json"], "--model needs a value"],
    ["a value that a switch does not take", ["--json=yes"], "--json takes no value."],
    ["no number", ["--temperature", "hot"], '--temperature "hot" cannot be used: expected a number.'],
    ["an empty number", ["--seed", ""], '--seed "" cannot be used: expected a number.'],
    ["a number out of range", ["--top-p", "0"], '--top-p "0" cannot be used'],
    ["half a token", ["--max-tokens", "1.5"], '--max-tokens "1.5" cannot be used'],
    ["an unknown mode", ["--mode", "fast"], '--mode "fast" cannot be used'],
    ["a prompt that was not quoted", ["what", "is", "it"], 'Not understood: "is" "it". A prompt of several words'],
  ])("refuse %s, saying so", (_, args, message) => {
    expect(() => run(...args)).toThrow(message);
  });

  it("name all values that cannot be used at once", () => {
    expect(() => run("--temperature", "x", "--seed", "-1")).toThrow(/--temperature "x".*--seed "-1"/);
  });
});

describe("the help", () => {
  it("names every flag of every command with its default, in 80 columns", () => {
    for (const command of Object.values(commands)) {
      const help = commandHelp(command);
      for (const flag of Object.keys(command.flags)) expect(help).toContain(`--${flag}`);
    }
    expect(commandHelp(commands.run)).toContain("--mode MODE");
    expect(commandHelp(commands.run)).toContain("(default: fork-join)");
    // A name and its value stand apart from what they mean, however long they are.
    expect(commandHelp(commands.run)).toMatch(/^  --template-option NAME=VALUE\n {30}A value for/m);
    const lines = Object.values(commands).flatMap((command) => commandHelp(command).split("\n"));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(84);
  });

  it("of the program names every command", () => {
    for (const [name, { summary }] of Object.entries(commands)) {
      expect(programHelp()).toContain(name);
      expect(programHelp()).toContain(summary);
    }
  });
});
