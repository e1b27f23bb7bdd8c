/**
 * The README's picture: one problem by fork-join and in one sequence, on a real server.
 * `node scripts/servers/run.ts vllm -- node scripts/servers/picture.ts`. Along decode steps, since those do not depend on what
 * else the machine has to do; the times are printed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import { timelinePage } from "../../src/trace/page/page.ts";
import { shownTrace } from "../../src/trace/timeline/from-trace.ts";
import type { Shown } from "../../src/trace/timeline/shown.ts";
import { createTrace, readTrace } from "../../src/trace/index.ts";

const baseURL = process.env["THREADWEAVER_VLLM_URL"];
if (baseURL === undefined)
  throw new Error("run this with scripts/servers/run.ts vllm -- node scripts/servers/picture.ts");
const prompt = "Q: 64*27+14*89+33*12+58*46\n";

const folder = mkdtempSync(join(tmpdir(), "threadweaver-picture-"));
await using engine = await createEngine({ baseURL, apiKey: process.env["THREADWEAVER_API_KEY"] });
const runner = createRunner({ engine, dialect: threadweaver });
const runs: Shown[] = [];
for (const mode of ["fork-join", "sequential"] as const) {
  const recorder = createTrace(join(folder, `${mode}.jsonl`));
  const { wallMs, tokens } = await runner.run({ prompt }, { mode, temperature: 0, seed: 1, recorder }).result;
  await recorder.close();
  console.log(`${mode}: ${tokens.criticalPath} steps, ${(wallMs / 1000).toFixed(2)} s`);
  runs.push(shownTrace(await readTrace(recorder.path), mode));
}

const path = join(folder, "page.html");
await writeFile(path, timelinePage(runs));
const executablePath = process.env["THREADWEAVER_CHROMIUM"] ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
const page = await browser.newPage({ viewport: { width: 1240, height: 900 }, colorScheme: "light" });
await page.goto(pathToFileURL(path).href);
await page.getByLabel("decode steps").check();
const last = await page.locator(".lanes").last().boundingBox();
const height = Math.ceil((last?.y ?? 0) + (last?.height ?? 0) + 16);
await page.screenshot({ path: "docs/timeline.png", clip: { x: 0, y: 0, width: 1240, height } });
await browser.close();
rmSync(folder, { recursive: true });
