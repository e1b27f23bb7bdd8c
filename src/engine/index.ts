/**
 * Engines: for programs that implement one, fit a server's profile, or call a model without a run.
 *
 * @packageDocumentation
 */
export { createEngine, probeServer, type CreateEngineOptions, type HttpDispatcher, type Timeouts } from "./openai.ts";
export type { CacheMeasurement, ForkCost } from "./detect/measure-cache.ts";
export type { ServerReport } from "./detect/server-report.ts";
export type {
  Abortable,
  CompletionEvent,
  CompletionRequest,
  EncodeOptions,
  Engine,
  EngineWarning,
  Logprobs,
  RenderChatOptions,
  Sampling,
  Stops,
  Tokenizer,
} from "./engine.ts";
export type { EngineProfile } from "./profile.ts";
export type { EngineProfileOverrides } from "./profile-overrides.ts";
export type { ServerEngine } from "./server-engine.ts";
export type { Tier } from "./tier.ts";
export type { TemplateOptions } from "./tokenizer/chat/chat-template.ts";
export type { Codec } from "./tokenizer/codec.ts";
export type { AddedToken, LocalTokenizer } from "./tokenizer/local-tokenizer.ts";
export type { Marker } from "./vocabulary.ts";
export type { Constraint } from "../core/dialects/plan-form.ts";
