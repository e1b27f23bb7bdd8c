import * as z from "zod";
import { untilAborted } from "../abort.ts";
import { greedyBody } from "../wire/completion-body.ts";
import { encodeMany } from "./encode-many.ts";
import { inspectServer } from "./inspect.ts";
import type { Inspection } from "./inspection.ts";
import { measureCache } from "./measure-cache.ts";
import type { CacheMeasurement } from "./measure-cache.ts";
import { ReplyReader } from "../wire/reply.ts";
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
      const body = greedyBody(profile, { model: identity.model, maxTokens: 1, prompt });
      const answer = await client.post(profile.paths.completions, body, z.unknown());
      return new ReplyReader(profile).read(JSON.stringify(answer)).cachedTokens;
    },
  });
}
