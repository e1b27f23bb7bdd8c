import { setImmediate as turn, setTimeout as timer } from "node:timers/promises";
import { ThreadweaverError } from "../errors.ts";
import { ByteTokenizer } from "./byte-tokenizer.ts";
import type { FakeKind, FakeServerOptions } from "./options.ts";

/** The server that a kind belongs to. Kinds of one server have much in common. */
export type Family = "vllm" | "sglang" | "llamacpp" | "generic";

const families: Record<FakeKind, Family> = {
  vllm: "vllm",
  sglang: "sglang",
  "sglang-native": "sglang",
  llamacpp: "llamacpp",
  text: "generic",
  chat: "generic",
};

const versions: Record<FakeKind, string> = {
  vllm: "0.32.0",
  sglang: "0.5.23",
  "sglang-native": "0.5.16",
  llamacpp: "b1-de3ff81",
  text: "1.0",
  chat: "1.0",
};

const byFamily = {
  vllm: { stopField: "stop_reason", holdBack: "all", usage: "asked", headers: "at-once" },
  sglang: { stopField: "matched_stop", holdBack: "partial", usage: "asked", headers: "first-token" },
  llamacpp: { stopField: "none", holdBack: "partial", usage: "last-part", headers: "first-token" },
  generic: { stopField: "none", holdBack: "none", usage: "none", headers: "at-once" },
} as const satisfies Record<Family, Partial<FakeServerOptions>>;

/** The options that a server was started with, defaults filled in. */
export type Settings = ReturnType<typeof settingsOf>;

export function settingsOf(options: FakeServerOptions) {
  const { kind = "vllm", model, version = versions[kind] } = options;
  const family = families[kind];
  const { stopField, holdBack, usage, headers } = byFamily[family];
  const one = (): string => "a";
  const settings = {
    kind,
    family,
    model,
    probed: options.probed ?? one,
    tokenizer: new ByteTokenizer(options.controls),
    moreEos: options.moreEos ?? [],
    version,
    modelName: options.modelName ?? "forkjoin-arith",
    contextTokens: options.contextTokens ?? 2048,
    apiKey: options.apiKey,
    continuesChats: options.continuesChats ?? kind !== "chat",
    unknownFields: options.unknownFields ?? "ignored",
    grammarBackend: options.grammarBackend ?? "any",
    maxCalls: options.maxCalls ?? Infinity,
    overload: { status: 503, ...options.overload },
    stopField: options.stopField ?? stopField,
    holdBack: options.holdBack ?? holdBack,
    tokensPastStop: options.tokensPastStop ?? 0,
    tellsHalfCharacters: options.tellsHalfCharacters ?? family !== "llamacpp",
    tellsEnd: options.tellsEnd ?? true,
    usage: options.usage ?? usage,
    tokensPerChunk: options.tokensPerChunk ?? 1,
    streamInterval: options.streamInterval ?? 1,
    headers: options.headers ?? headers,
    done: options.done ?? true,
    comments: options.comments ?? false,
    lineEnd: options.lineEnd ?? "\n",
    bytesPerWrite: options.bytesPerWrite ?? Infinity,
    chunkDelayMs: options.chunkDelayMs ?? 0,
    sleep: options.sleep ?? ((ms: number): Promise<void> => (ms === 0 ? turn() : timer(ms))),
    onDisconnect: options.onDisconnect ?? "abort",
    cacheBlock: options.cacheBlock ?? (family === "vllm" ? 16 : family === "llamacpp" ? undefined : 1),
    cacheReport: options.cacheReport ?? true,
    cacheOutput: options.cacheOutput ?? (family === "vllm" ? "at-once" : "call-over"),
    slots: options.slots ?? 4,
    replicas: options.replicas ?? 1,
  };
  checkNames(options, settings);
  return settings;
}

/** A misspelt switch would leave a test that tests nothing. */
function checkNames(options: FakeServerOptions, settings: object): void {
  const derived = new Set(["family", "tokenizer"]);
  const known = [...Object.keys(settings).filter((name) => !derived.has(name)), "controls"];
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const message = `Invalid options for startFakeServer: there is no option ${unknown.join(", ")} (there are ${known.join(", ")})`;
  throw new ThreadweaverError("invalid_option", message);
}
