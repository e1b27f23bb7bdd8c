import { untilAborted } from "./abort.ts";
import { inspectServer } from "./detect/inspect.ts";
import type { Inspection } from "./detect/inspection.ts";
import { measureCacheOf } from "./detect/probe.ts";
import { describeServer } from "./detect/report.ts";
import { restore } from "./detect/restore.ts";
import { ServerClient } from "./http/server-client.ts";
import { OneServerEngine } from "./server-engine.ts";
import type { ServerOptions } from "./server-options.ts";

/** An engine on the server, with the profile that fits it. */
export async function connect(options: ServerOptions): Promise<OneServerEngine> {
  const client = new ServerClient(options);
  try {
    return await untilAborted(create(client, options), options.signal);
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function create(client: ServerClient, options: ServerOptions): Promise<OneServerEngine> {
  const { report, measureCache = false } = options;
  const found: Inspection =
    report === undefined ? await inspectServer(client, options) : await restore(client, report, options);
  const cache = measureCache ? await measureCacheOf(client, found) : report?.cache;
  const described = describeServer(client, found, cache);
  // What a report warns of, it knows from evidence that is not looked for again.
  return new OneServerEngine(
    client,
    found,
    report === undefined ? described : { ...described, warnings: report.warnings },
  );
}
