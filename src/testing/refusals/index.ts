import type { Asked } from "../asked.ts";
import type { Settings } from "../settings.ts";
import { chatRefusal, llamacppRefusal, textRefusal, unknownFieldRefusal } from "./others.ts";
import type { Refusal } from "./refusal.ts";
import { sglangRefusal } from "./sglang.ts";
import { vllmRefusal } from "./vllm.ts";

export { refuse } from "./refusal.ts";
export type { Refusal } from "./refusal.ts";

export function refusalOf(asked: Asked, settings: Settings, isRunning: (name: string) => boolean): Refusal | undefined {
  const common = unknownFieldRefusal(asked, settings) ?? chatRefusal(asked, settings);
  if (common !== undefined) return common;
  if (settings.family === "vllm") return vllmRefusal(asked, settings);
  if (settings.family === "sglang") return sglangRefusal(asked, settings, isRunning);
  return settings.family === "llamacpp" ? llamacppRefusal(asked, settings) : textRefusal(asked, settings);
}
