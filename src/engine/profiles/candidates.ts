import type { EngineProfile } from "../profile.ts";
import { generic, likeVllm } from "./generic.ts";
import { llamacpp } from "./llamacpp.ts";
import { sglang, sglangNative } from "./sglang.ts";
import { vllm } from "./vllm.ts";
import { withoutIds } from "./without-ids.ts";

/** The profiles to try on a server with completions, by its kind, best first. */
export const candidates: Record<EngineProfile["kind"], readonly EngineProfile[]> = {
  vllm: [vllm, withoutIds(vllm), generic],
  sglang: [sglang, sglangNative],
  llamacpp: [llamacpp],
  generic: [likeVllm, withoutIds(likeVllm), generic],
};
