import { inspectServer } from "./detect/inspect.ts";
import { measureCacheOf } from "./detect/probe.ts";
import { describeServer } from "./detect/report.ts";
import { ServerClient } from "./http/server-client.ts";
import { OneServerEngine } from "./server-engine.ts";
import type { ServerOptions } from "./server-options.ts";

/** An engine on the server, with the profile that fits it. */
export async function connect(options: ServerOptions): Promise<OneServerEngine> {
  const client = new ServerClient(options);
  try {
    const found = await inspectServer(client, options);
    const cache = options.measureCache === true ? await measureCacheOf(client, found) : undefined;
    return new OneServerEngine(client, found, describeServer(client.address, found, cache));
  } catch (error) {
    await client.close();
    throw error;
  }
}
