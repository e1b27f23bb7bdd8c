import * as z from "zod";
import type { EngineWarning } from "../engine.ts";
import type { ServerClient } from "../http/server-client.ts";
import type { EngineProfile } from "../profile.ts";
import type { ServerOptions } from "../server-options.ts";
import { chooseModel } from "./models.ts";
import { optional } from "./optional.ts";

/** What a server reports about itself, before it is asked to complete anything. */
export interface Identity {
  kind: EngineProfile["kind"];
  /** Whether a path that only this kind has answered, so that nothing stands in front of it. */
  isDirect: boolean;
  version: string | undefined;
  model: string;
  /** The models that it lists. Undefined where it has no list. */
  listed: readonly string[] | undefined;
  /** The server's own length of its context, in tokens. Undefined where it does not report it. */
  serverContext: number | undefined;
  vocabularySize: number | undefined;
  /** Whether SGLang was started to report cached tokens. Undefined on other servers. */
  cacheReport: boolean | undefined;
  /** How many slots llama.cpp has. Undefined on other servers. */
  slots: number | undefined;
  /** The end of sequence of the model, as llama.cpp reports it. Undefined on other servers. */
  eosToken: string | undefined;
  /** What was noticed on the way. */
  warnings: readonly EngineWarning[];
}

// Some servers answer any path with something, so only what these servers really say counts.
const versionAnswer = z.object({ version: z.string() });
const serverInfo = z.object({ version: z.string().nullish(), enable_cache_report: z.boolean() });
const props = z.object({
  build_info: z.string().nullish(),
  total_slots: z.int().nullish(),
  eos_token: z.string().nullish(),
  default_generation_settings: z.object({ n_ctx: z.int() }),
});

/** Finds out the kind of a server, its model, and the length of its context. */
export async function identify(client: ServerClient, options: ServerOptions): Promise<Identity> {
  const found = await chooseModel(client, options.model ?? client.deployment);
  const { owner } = found;
  const mayBe = (kind: string): boolean => !isKnown(owner) || owner === kind;
  const [version, info, llama] = await Promise.all([
    mayBe("vllm") ? optional(client.get("/version", versionAnswer)) : undefined,
    mayBe("sglang") ? optional(client.get("/server_info", serverInfo)) : undefined,
    mayBe("llamacpp") ? optional(client.get("/props", props)) : undefined,
  ]);
  const answered = { vllm: version !== undefined, sglang: info !== undefined, llamacpp: llama !== undefined };
  const kind = options.profile?.kind ?? kindOf(owner, answered);
  return {
    kind,
    isDirect: kind !== "generic" && answered[kind],
    version: version?.version ?? info?.version ?? llama?.build_info ?? undefined,
    model: found.id,
    listed: found.listed,
    serverContext: found.context ?? llama?.default_generation_settings.n_ctx,
    vocabularySize: found.vocabularySize,
    cacheReport: info?.enable_cache_report,
    slots: llama?.total_slots ?? undefined,
    eosToken: llama?.eos_token ?? undefined,
    warnings: found.warnings,
  };
}

type Known = Exclude<EngineProfile["kind"], "generic">;

function isKnown(owner: string | undefined): owner is Known {
  return owner === "vllm" || owner === "sglang" || owner === "llamacpp";
}

/** A router may hide the server's own paths, and a server may list a model under the name of the model's maker. */
function kindOf(owner: string | undefined, answered: Readonly<Record<Known, boolean>>): EngineProfile["kind"] {
  if (isKnown(owner)) return owner;
  // vLLM and SGLang can be configured to list another owner. Only vLLM has /version, only SGLang has /server_info.
  if (answered.sglang && !answered.vllm) return "sglang";
  if (answered.llamacpp) return "llamacpp";
  return answered.vllm && !answered.sglang ? "vllm" : "generic";
}
