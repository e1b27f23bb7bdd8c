import type { FakeKind } from "./options.ts";

/** Which of a server's routes is requested. `native` is llama.cpp's own, `generate` SGLang's. */
export type Route = "completions" | "chat" | "generate" | "native";

const completions = { "/v1/completions": "completions" } as const;
const chat = { "/v1/chat/completions": "chat" } as const;

const routes: Record<FakeKind, Record<string, Route>> = {
  vllm: { ...completions, ...chat },
  sglang: { ...completions, ...chat, "/generate": "generate" },
  "sglang-native": { ...completions, ...chat, "/generate": "generate" },
  llamacpp: { ...completions, ...chat, "/completion": "native", "/completions": "native" },
  text: completions,
  chat,
};

export function routeOf(kind: FakeKind, path: string): Route | undefined {
  return routes[kind][path];
}
