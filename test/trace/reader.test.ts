import { appendFileSync, readFileSync, truncateSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import { createRunner } from "../../src/run/runner.ts";
import { encodeInput } from "../../src/trace/codec.ts";
import { readTrace } from "../../src/trace/reader.ts";
import { createTrace } from "../../src/trace/writer.ts";
import { scriptedEngine } from "../run/scripted-engine.ts";
import { failure, temporaryFolder } from "./support.ts";

async function traced(): Promise<string> {
  const path = temporaryFolder()("trace.jsonl");
  const recorder = createTrace(path);
  const runner = createRunner({ engine: scriptedEngine(() => ({ text: "twelve €" })), dialect: threadweaver });
  await runner.run({ prompt: "Q" }, { recorder }).result;
  await recorder.close();
  return path;
}

describe("a trace that is read", () => {
  it("may end inside a line, even inside a character: that line is left out, and said to be torn", async () => {
    const path = await traced();
    const { inputs } = await readTrace(path);
    truncateSync(path, readFileSync(path).indexOf("€") + 1);
    const read = await readTrace(path);
    expect(read).toMatchObject({ torn: true, end: undefined, size: statSync(path).size });
    expect(read.inputs.length).toBeGreaterThan(5);
    expect(read.inputs).toEqual(inputs.slice(0, read.inputs.length));
  });

  it("may have a last line that is whole and no JSON, or one of zeros, as a power failure leaves", async () => {
    const path = await traced();
    const before = await readTrace(path);
    for (const tail of ['{"t":"pie\n', "\0".repeat(100), `${"\0".repeat(100)}\n`]) {
      const size = statSync(path).size;
      appendFileSync(path, tail);
      const { torn, inputs } = await readTrace(path);
      expect(torn).toBe(true);
      expect(inputs).toEqual(before.inputs);
      truncateSync(path, size);
    }
  });

  it("may be larger than what is read at once, with lines that are too", async () => {
    const path = await traced();
    const [header = ""] = readFileSync(path, "utf8").split("\n");
    const inputs = Array.from({ length: 200 }, (_, n): Input => ({
      t: "pieces",
      at: n,
      call: 0,
      pieces: [{ text: "€".repeat(n * 30) }],
    }));
    inputs.push({ t: "pieces", at: 300, call: 0, pieces: [{ text: "€x".repeat(300_000) }] });
    writeFileSync(path, [header, ...inputs.map(encodeInput), ""].join("\n"));
    expect((await readTrace(path)).inputs).toEqual(inputs);
  });

  it.each([
    ["is empty", () => "", "is empty: its run had not begun. Run it again from its prompt."],
    [
      "ends inside its first line",
      (text: string) => text.slice(0, 100),
      "ends inside its first line: its run had not begun.",
    ],
    [
      "is no trace",
      () => "Dear diary,\n",
      ", line 1: the line is not JSON. Expected a file that createTrace or --trace wrote",
    ],
    ["is no text of ours", () => "Dear diary", ", line 1: the line is not JSON."],
    ["is other JSON", () => '{"id":1}\n', ", line 1: the line is not the beginning of a trace. Expected a file"],
    [
      "is of another version",
      (text: string) => text.replace('"trace":1', '"trace":7'),
      ", line 1: the line is the beginning of a trace of version 7. This threadweaver reads version 1",
    ],
    [
      "has a header that was changed",
      (text: string) => text.replace('"seed":', '"sed":'),
      ", line 1: the line is no header of a trace: seed: ",
    ],
    [
      "has inputs of another version",
      (text: string) => text.replace('"protocol":1', '"protocol":2'),
      ", line 1: the line is no header of a trace: protocol: ",
    ],
    [
      "has a bad line in the middle",
      (text: string) => text.replace('"t":"sent"', '"t":sent'),
      ", line 3: the line is not JSON. The file was changed after it was written",
    ],
    [
      "has a line of no input",
      (text: string) => text.replace('"t":"sent"', '"t":"send"'),
      ", line 3: the line is no input of a run: t: ",
    ],
    [
      "has an input without its fields",
      (text: string) => text.replace('"attempt":1', '"attempt":"1"'),
      ", line 3: the line is no input of a run: attempt: ",
    ],
    [
      "goes on after its end",
      (text: string) => `${text}{"t":"time","at":1}\n`,
      "the line stands after the end of the run.",
    ],
  ])("is refused where it %s, with the line and what to do", async (_, change, message) => {
    const path = await traced();
    writeFileSync(path, change(readFileSync(path, "utf8")));
    const error = await failure(readTrace(path));
    expect(error).toMatchObject({ code: "file", message: expect.stringContaining(message) as string });
    expect(error.message.startsWith(path)).toBe(true);
  });

  it("is refused where it is not there", async () => {
    expect(await failure(readTrace("/none/trace.jsonl"))).toMatchObject({
      code: "file",
      message: "/none/trace.jsonl cannot be read: there is no such file or folder.",
    });
    expect((await failure(readTrace("/"))).message).toContain("/ cannot be read: it is a folder");
  });
});
