import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { LoopClock } from "../../scripts/loop/clock.ts";
import { keepSettings } from "../../scripts/loop/settings.ts";
import { readNumbers } from "../../scripts/loop/step-numbers.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "threadweaver-loop-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

it("says once what is made in a folder, and refuses to make something else there", () => {
  const out = join(folder(), "loop");
  keepSettings(out, { seed: 1, steps: 2 });
  keepSettings(out, { seed: 1, steps: 2 });
  expect(() => keepSettings(out, { seed: 1, steps: 60 })).toThrow(
    /settings\.json says other settings .* There: \{"seed":1,"steps":2\}\. Now: \{"seed":1,"steps":60\}\. Give another/,
  );
  expect(readdirSync(out)).toEqual(["settings.json"]);
});

it("finds the numbers of a step where its checkpoint is, whatever was killed after that", () => {
  const out = folder();
  const step = join(out, "p-grpo", "0002");
  mkdirSync(join(step, "checkpoint"), { recursive: true });
  writeFileSync(join(step, "sampled.json"), JSON.stringify({ right: 0.5, groups: 4, equal: 1 }));
  writeFileSync(join(step, "checkpoint", "numbers.json"), JSON.stringify({ step: 2, norm: 0.25 }));
  expect(readNumbers(out, 2)).toEqual({ step: 2, norm: 0.25, sampled: { right: 0.5, groups: 4, equal: 1 } });
});

it("reads the times of phases, without a line that was cut", async () => {
  const path = join(folder(), "times.jsonl");
  const clock = new LoopClock(path);
  await clock.time("data", "texts", () => undefined);
  appendFileSync(path, '{"phase":"sft","m\n');
  await clock.time("server", "it is ready", () => undefined);
  expect(LoopClock.read(path).map(({ phase }) => phase)).toEqual(["data", "server"]);
});
