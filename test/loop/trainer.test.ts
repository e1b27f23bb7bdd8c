import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Trainer } from "../../scripts/loop/trainer.ts";

/** A program in place of Python: it answers each line by these words. */
function programOf(answer: string): string {
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-trainer-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "python");
  const body = `require("node:readline").createInterface(process.stdin).on("line", (line) => { ${answer} });`;
  writeFileSync(path, `#!${process.execPath}\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const echo = `const [name, code] = JSON.parse(line); console.log(JSON.stringify({ code: Number(code), output: name }))`;

it("runs commands one after the other, and names one that fails", async () => {
  await using trainer = new Trainer(programOf(echo), "");
  const results = await Promise.allSettled([
    trainer.run(["sft", "0"]),
    trainer.run(["pgrpo", "1"]),
    trainer.run(["gguf", "0"]),
  ]);
  expect(results.map((one) => (one.status === "fulfilled" ? one.value : (one.reason as Error).message))).toEqual([
    "sft",
    "threadweaver_training pgrpo 1 ended with 1: see above",
    "gguf",
  ]);
});

it("says that the process ended, for the command it was at and for those after it", async () => {
  await using trainer = new Trainer(programOf("process.exit(3)"), "");
  for (const name of ["sft", "gguf"]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await expect(trainer.run([name])).rejects.toThrow(`threadweaver_training ${name}: it ended with 3, see above`);
  }
});

it("ends a command that it waits for no more", async () => {
  const trainer = new Trainer(programOf(""), "");
  const running = expect(trainer.run(["sft"])).rejects.toThrow("it ended with SIGTERM");
  await trainer[Symbol.asyncDispose]();
  await running;
});

it("says where there is no such program", async () => {
  await using trainer = new Trainer("/nowhere/python", "");
  await expect(trainer.run(["sft"])).rejects.toThrow("ENOENT");
});
