import { untilAborted } from "../abort.ts";
import { askStream } from "./ask-stream.ts";
import { encodeMany } from "./encode-many.ts";
import { inspectServer } from "./inspect.ts";
import type { Inspection } from "./inspection.ts";
import { measureCache } from "./measure-cache.ts";
import type { CacheMeasurement } from "./measure-cache.ts";
import { describeServer } from "./report.ts";
import type { ServerReport } from "./server-report.ts";
import { ServerClient } from "../http/server-client.ts";
import type { ServerOptions } from "../server-options.ts";

/** What a server is, and what its forks cost. */
export async function probe(options: ServerOptions): Promise<ServerReport> {
  const client = new ServerClient(options);
  try {
    return await untilAborted(probeThrough(client, options), options.signal);
  } finally {
    await client.close();
  }
}

async function probeThrough(client: ServerClient, options: ServerOptions): Promise<ServerReport> {
  const found = await inspectServer(client, options, { thorough: true });
  return describeServer(client, found, await measureCacheOf(client, found));
}

/** The longest prompts to measure with, in tokens, where the length of the context is not known. */
const shortContext = 2000;

/** Undefined for chats, whose prompts cannot be counted in tokens. */
export async function measureCacheOf(client: ServerClient, found: Inspection): Promise<CacheMeasurement | undefined> {
  const { identity, profile, codec, vocabulary, contextTokens } = found;
  if (profile.request.promptAs === "messages") return undefined;
  const letters = await encodeMany(codec, Array.from("abcdefghijklmnopqrstuvwxyz"));
  return measureCache({
    alphabet: [...new Set(letters.flatMap(([, ids]) => ids.slice(-1)))],
    bos: vocabulary.bos,
    contextTokens: contextTokens === Infinity ? shortContext : contextTokens,
    ask: async (ids) => {
      const prompt = await found.promptOf(ids);
      const { parts } = await askStream(client, profile, { model: identity.model, prompt });
      return parts.findLast(({ cachedTokens }) => cachedTokens !== undefined)?.cachedTokens;
    },
  });
}
