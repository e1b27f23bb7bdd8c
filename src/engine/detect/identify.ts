import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import type { EngineProfile } from "../profile.ts";
import type { ServerClient } from "../http/server-client.ts";
import type { ServerOptions } from "../server-options.ts";

/** What a server reports about itself, before it is asked to complete anything. */
export interface Identity {
  kind: EngineProfile["kind"];
  version: string | undefined;
  model: string;
  /** The server's own length of its context, in tokens. Undefined where it does not report it. */
  serverContext: number | undefined;
  vocabularySize: number | undefined;
  /** Whether SGLang was started to report cached tokens. Undefined on other servers. */
  cacheReport: boolean | undefined;
  /** How many slots llama.cpp has. Undefined on other servers. */
  slots: number | undefined;
  /** The end of sequence of the model, as llama.cpp reports it. Undefined on other servers. */
  eosToken: string | undefined;
}

const modelList = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      owned_by: z.string().nullish(),
      max_model_len: z.int().nullish(),
      meta: z.object({ n_ctx: z.int().nullish(), n_vocab: z.int().nullish() }).nullish(),
    }),
  ),
});
type Model = z.infer<typeof modelList>["data"][number];

const versionAnswer = z.object({ version: z.string() });
const serverInfo = z.object({ version: z.string().nullish(), enable_cache_report: z.boolean().nullish() });
const props = z.object({
  build_info: z.string().nullish(),
  total_slots: z.int().nullish(),
  eos_token: z.string().nullish(),
  default_generation_settings: z.object({ n_ctx: z.int().nullish() }).nullish(),
});

/** Finds out the kind of a server, its model, and the length of its context. */
export async function identify(client: ServerClient, options: ServerOptions): Promise<Identity> {
  const { data } = await client.get("/v1/models", modelList);
  const found = chooseModel(client, data, options.model);
  const [version, info, llama] = await Promise.all([
    optional(client.get("/version", versionAnswer)),
    optional(client.get("/server_info", serverInfo)),
    optional(client.get("/props", props)),
  ]);
  const kind = options.profile?.kind ?? kindOf(found, version !== undefined, info !== undefined, llama !== undefined);
  const length = found.max_model_len ?? found.meta?.n_ctx ?? llama?.default_generation_settings?.n_ctx ?? undefined;
  return {
    kind,
    version: version?.version ?? info?.version ?? llama?.build_info ?? undefined,
    model: found.id,
    serverContext: length,
    vocabularySize: found.meta?.n_vocab ?? undefined,
    cacheReport: info?.enable_cache_report ?? undefined,
    slots: llama?.total_slots ?? undefined,
    eosToken: llama?.eos_token ?? undefined,
  };
}

/** A router may hide the server's own paths, and a server may list a model under the name of the model's maker. */
function kindOf(
  { owned_by: owner }: Model,
  hasVersion: boolean,
  hasInfo: boolean,
  hasProps: boolean,
): EngineProfile["kind"] {
  if (owner === "vllm" || owner === "sglang" || owner === "llamacpp") return owner;
  // vLLM and SGLang can be configured to list another owner. Only vLLM has /version, only SGLang has /server_info.
  if (hasInfo && !hasVersion) return "sglang";
  if (hasProps) return "llamacpp";
  return hasVersion && !hasInfo ? "vllm" : "generic";
}

function chooseModel({ address }: ServerClient, data: readonly Model[], wanted: string | undefined): Model {
  const found = wanted === undefined ? data[0] : data.find(({ id }) => id === wanted);
  if (found !== undefined) return found;
  const names = data.map(({ id }) => id).join(", ");
  throw new ThreadweaverError("engine_refused", `${address} has no model ${wanted ?? ""}. It has: ${names}`);
}

/** Undefined where the server has no such path, or hides it. A server that is gone is still an error. */
async function optional<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (ThreadweaverError.isInstance(error) && error.code !== "engine_refused" && error.code !== "engine_failed")
      throw error;
    return undefined;
  });
}
