import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { timelinePage } from "../../src/trace/page/page.ts";
import { readTrace } from "../../src/trace/reader.ts";
import { shownTrace } from "../../src/trace/timeline/from-trace.ts";
import { traceLargeRun } from "../../test/trace/timeline/large-run.ts";
import { report } from "../measure.ts";

/** A million tokens in ten thousand threads. */
const large = { forks: 4, threads: 2_500, tokens: 94 };

/** What it takes to make a page of a large trace, once: nothing of it is warm when people do it either. */
export async function pageBench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-bench-"));
  const [trace, page] = [join(folder, "run.jsonl"), join(folder, "run.html")];
  await traceLargeRun(trace, large);
  const before = process.cpuUsage();
  const began = performance.now();
  const shown = shownTrace(await readTrace(trace), "run.jsonl");
  await pipeline(timelinePage([shown]), createWriteStream(page));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  const megabytes = (path: string): string => (statSync(path).size / 1e6).toFixed(1);
  const { generated } = shown.timeline.tokens;
  report(
    `page: seconds for a trace of ${generated} tokens (CPU)`,
    `${seconds.toFixed(1)} (${((user + system) / 1e6).toFixed(1)})`,
  );
  report("page: megabytes, of a trace of so many", `${megabytes(page)} / ${megabytes(trace)}`);
  report("page: most memory of the process, in megabytes", (process.resourceUsage().maxRSS / 1000).toFixed(0));
  rmSync(folder, { recursive: true });
}
