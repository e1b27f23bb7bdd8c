import type { Route } from "../routes.ts";
import type { Family, Settings } from "../settings.ts";
import { llamacppChat } from "./llamacpp-chat.ts";
import { llamacppOpenai } from "./llamacpp-openai.ts";
import { llamacpp } from "./llamacpp.ts";
import { sglangChat } from "./sglang-chat.ts";
import { sglangGenerate } from "./sglang-generate.ts";
import { sglang, withoutIds } from "./sglang.ts";
import { text } from "./text.ts";
import { vllmChat } from "./vllm-chat.ts";
import { vllm } from "./vllm.ts";
import type { Wire } from "./wire.ts";

export type { Wire } from "./wire.ts";

const chats: Record<Family, Wire> = { vllm: vllmChat, sglang: sglangChat, llamacpp: llamacppChat, generic: vllmChat };

export function wireOf({ kind, family }: Settings, route: Route): Wire {
  if (route === "generate") return sglangGenerate;
  if (route === "native") return llamacpp;
  if (route === "chat") return chats[family];
  if (family === "llamacpp") return llamacppOpenai;
  if (kind === "text") return text;
  if (kind === "sglang-native") return withoutIds(sglang);
  return family === "sglang" ? sglang : vllm;
}
