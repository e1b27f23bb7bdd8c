import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { timelinePage } from "../../../trace/page/page.ts";
import { wholeFile } from "../../data/output-file.ts";
import { exitCodes } from "../../exit-codes.ts";
import { loadDialect } from "../../load-dialect.ts";
import { shownRuns } from "../../timeline/shown-runs.ts";
import { usageError } from "../../usage.ts";
import type { World } from "../../world.ts";
import type { TraceFlags } from "./flags.ts";

/** `threadweaver trace view`: runs as one page. */
export async function viewTraceCommand(
  { output, overwrite, id, dialect: path }: TraceFlags,
  files: readonly string[],
  { stderr }: World,
): Promise<number> {
  if (output === undefined) throw usageError("trace view needs the file of its page: -o OUT.html.", "trace");
  const dialect = path === undefined ? undefined : await loadDialect(path);
  const runs = await shownRuns(files, { id, dialect });
  // It holds prompts and texts, as the traces do.
  await wholeFile(output, { overwrite }, (partial) => writeFile(partial, timelinePage(runs), { mode: 0o600 }));
  stderr.write(`${output} is written. Open it in a browser: ${pathToFileURL(output).href}\n`);
  return exitCodes.ok;
}
