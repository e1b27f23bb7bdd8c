import { CodePointCodec } from "../tokenizer/code-point-codec.ts";
import type { EngineWarning } from "../engine.ts";
import type { Inspection } from "./inspection.ts";
import type { CacheMeasurement } from "./measure-cache.ts";
import type { ServerReport } from "./server-report.ts";
import type { EngineProfile } from "../profile.ts";
import type { ServerClient } from "../http/server-client.ts";
import { dialectsOf } from "../tier.ts";
import { isOlder } from "./versions.ts";

export function describeServer(
  { address, base }: Pick<ServerClient, "address" | "base">,
  found: Inspection,
  cache?: CacheMeasurement,
): ServerReport {
  const { identity, profile, tier, vocabulary, contextTokens } = found;
  return {
    address,
    base,
    kind: identity.kind,
    version: identity.version,
    model: identity.model,
    contextTokens: known(contextTokens),
    tier,
    dialects: dialectsOf(tier),
    bos: vocabulary.bos,
    eos: [...vocabulary.eos],
    vocabularySize: vocabulary.size,
    controls: Object.fromEntries(vocabulary.controls),
    markers: vocabulary.markers,
    completions: profile.paths.completions,
    profile,
    serverContext: identity.serverContext,
    slots: identity.slots,
    reportsCachedTokens: found.reportsCache,
    forkCost: cache?.forkCost ?? "unknown",
    cache,
    warnings: warningsOf(address, found),
    advice: adviceOf(found),
  };
}

function known(length: number): number | undefined {
  return length === Infinity ? undefined : length;
}

function warningsOf(address: string, found: Inspection): EngineWarning[] {
  const { identity, tier, codec } = found;
  const templated = found.noticed.find(({ code }) => code === "prompt-templated");
  const warnings = found.noticed.filter((warning) => warning !== templated || !tier.startsWith("chat"));
  if (identity.kind === "vllm" && isOlder(identity.version, "0.22")) {
    const message = `vLLM ${identity.version} lets requests in without its API key (CVE-2026-48746): use 0.22 or later.`;
    warnings.push({ code: "server-version", message });
  }
  if (tier === "chat-continue" || tier === "chat-only") {
    const joined = tier === "chat-only" ? ", and what is joined is sent as turns of the user" : "";
    const why = templated?.message ?? `${address} takes chats only`;
    const message = `${why}: running in text mode, lengths are counted in characters${joined}.`;
    warnings.push({ code: "text-mode", message });
  }
  if (tier === "text") {
    const counted = codec instanceof CodePointCodec ? "; lengths are counted in characters" : "";
    const message = `${address} returns no token ids: running in text mode, splices are re-tokenised${counted}.`;
    warnings.push({ code: "text-mode", message });
  }
  const outside = found.vocabulary.markers.flatMap(({ text, inVocabulary }) => (inVocabulary ? [] : [text]));
  if (outside.length > 0) {
    const message =
      `the tokenizer has ids for ${outside.join(" ")} outside the model's vocabulary of ${found.vocabulary.size}: ` +
      `the model cannot write them, and they cannot be sent to it. Was it trained for this format?`;
    warnings.push({ code: "marker-unknown", message });
  }
  const flag = cacheFlagOf(found);
  if (flag !== undefined) {
    const message = `${address} does not say how much of a prompt it had cached: start it with ${flag}.`;
    warnings.push({ code: "server-flags", message });
  }
  return warnings;
}

const cacheFlag: Partial<Record<EngineProfile["kind"], string>> = {
  vllm: "--enable-prompt-tokens-details",
  sglang: "--enable-cache-report",
};

/** The flag that makes the server report what it had cached. None is known for its chats. */
function cacheFlagOf({ identity, tier, reportsCache }: Inspection): string | undefined {
  return reportsCache || tier.startsWith("chat") ? undefined : cacheFlag[identity.kind];
}

function adviceOf(found: Inspection): string[] {
  const { identity } = found;
  const flag = cacheFlagOf(found);
  const advice = flag === undefined ? [] : [`${flag}: cached prompt tokens are then counted per call and run`];
  if (identity.kind === "llamacpp" && identity.slots !== undefined) {
    advice.push(
      `-np: forks of more than ${identity.slots} threads wait for a slot, and each slot computes the prefix anew`,
    );
  }
  return advice;
}
