import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { LedgerReader, type Damaged } from "../../eval/ledger/reader.ts";
import { htmlReport } from "../../eval/report/html/page.ts";
import { inspectLog, inspectLogName } from "../../eval/report/inspect.ts";
import { markdownReport } from "../../eval/report/markdown.ts";
import { summarize } from "../../eval/summary/summarize.ts";
import type { Summary } from "../../eval/summary/summary.ts";
import { fileError } from "../../files/file-error.ts";
import { warn } from "../view/report.ts";
import type { World } from "../world.ts";
import { ledgerName } from "./make.ts";
import type { AskedProblem } from "./problems.ts";

/** The numbers of the ledger in a folder. Lines that cannot be read are said, and left out. */
export async function readSummary(out: string, baseline: string | undefined, world: World): Promise<Summary> {
  const reader = await LedgerReader.open(join(out, ledgerName));
  const onDamaged = ({ line, why }: Damaged): void =>
    warn(world, `${reader.path}:${line}: ${why}. It counts nowhere; eval --resume makes its sample again.`);
  return summarize(reader.header, reader.samples(onDamaged), { baseline });
}

/** Writes `summary.json`, `report.md` and `report.html` beside the ledger. Returns the text of `report.md`. */
export async function writeReports(out: string, summary: Summary): Promise<string> {
  const text = markdownReport(summary);
  const files = {
    "summary.json": `${JSON.stringify(summary, undefined, 2)}\n`,
    "report.md": text,
    "report.html": htmlReport(summary),
  };
  for (const [name, content] of Object.entries(files)) {
    const path = join(out, name);
    // oxlint-disable-next-line no-await-in-loop -- the first one that cannot be written is said
    await writeFile(path, content).catch((cause: unknown) => {
      throw fileError(`${path} cannot be written`, cause);
    });
  }
  return text;
}

/** Writes a file for each arm into `inspect`, beside the ledger: logs that `inspect view` opens. */
export async function writeInspectLogs(
  out: string,
  summary: Summary,
  problems: readonly AskedProblem[],
): Promise<void> {
  const byId = new Map(problems.map((problem) => [problem.id, problem]));
  const problemOf = (id: string): AskedProblem | undefined => byId.get(id);
  const reader = await LedgerReader.open(join(out, ledgerName));
  for (const { name } of summary.arms) {
    const path = join(out, "inspect", inspectLogName(summary, name));
    const text = inspectLog(summary, name, reader.samples(), { problemOf });
    // oxlint-disable-next-line no-await-in-loop -- each reads the ledger
    await mkdir(join(out, "inspect"), { recursive: true })
      .then(() => pipeline(text, createWriteStream(path)))
      .catch((cause: unknown) => {
        throw fileError(`${path} cannot be written`, cause);
      });
  }
}
