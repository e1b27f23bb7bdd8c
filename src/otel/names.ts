/**
 * Every name that telemetry uses. Those that begin with `gen_ai.` follow the OpenTelemetry semantic conventions for
 * generative AI, version 0.1.0 (in development: they may change; no package holds them). `error.`, `http.` and `server.` are
 * stable conventions. The others are our own.
 */
export const conventions = "semantic-conventions-genai 0.1.0";

/** Attributes. */
export const attribute = {
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  workflow: "gen_ai.agent.name",
  model: "gen_ai.request.model",
  seed: "gen_ai.request.seed",
  stream: "gen_ai.request.stream",
  temperature: "gen_ai.request.temperature",
  topP: "gen_ai.request.top_p",
  topK: "gen_ai.request.top_k",
  finishReasons: "gen_ai.response.finish_reasons",
  timeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  cachedTokens: "gen_ai.usage.cache_read.input_tokens",
  inputMessages: "gen_ai.input.messages",
  outputMessages: "gen_ai.output.messages",
  modality: "gen_ai.token.modality",
  errorType: "error.type",
  status: "http.response.status_code",
  serverAddress: "server.address",
  serverPort: "server.port",
  runId: "threadweaver.run.id",
  mode: "threadweaver.run.mode",
  dialect: "threadweaver.dialect",
  complete: "threadweaver.run.complete",
  criticalPath: "threadweaver.critical_path",
  generated: "threadweaver.generated_tokens",
  accelerationRatio: "threadweaver.acceleration_ratio",
  threads: "threadweaver.threads",
  retries: "threadweaver.retries",
  ending: "threadweaver.ending",
  forkId: "threadweaver.fork.id",
  threadId: "threadweaver.thread.id",
  threadIndex: "threadweaver.thread.index",
  threadName: "threadweaver.thread.name",
  threadPlan: "threadweaver.thread.plan",
  tokens: "threadweaver.thread.tokens",
  call: "threadweaver.call",
  role: "threadweaver.call.role",
  attempt: "threadweaver.attempt",
  queueWait: "threadweaver.queue_wait",
  wasted: "threadweaver.wasted_tokens",
  warningCode: "threadweaver.warning.code",
  warningMessage: "threadweaver.warning.message",
} as const;

/** Spans. That of a run is named after its operation and its dialect, that of a call after its operation and its model. */
export const span = { fork: "fork", thread: "thread", attempt: "attempt", warning: "threadweaver.warning" } as const;

/** Operations. */
export const operation = { run: "invoke_workflow", completion: "text_completion", chat: "chat" } as const;

/** Metrics. */
export const metric = {
  callDuration: "gen_ai.client.inference.duration",
  timeToFirstChunk: "gen_ai.client.inference.time_to_first_chunk",
  inputTokens: "gen_ai.client.inference.usage.input_tokens",
  outputTokens: "gen_ai.client.inference.usage.output_tokens",
  cachedTokens: "gen_ai.client.inference.usage.cache_read.input_tokens",
  runDuration: "threadweaver.run.duration",
  criticalPath: "threadweaver.run.critical_path",
  accelerationRatio: "threadweaver.run.acceleration_ratio",
  cachedShare: "threadweaver.run.cached_share",
  queueWait: "threadweaver.call.queue_wait",
  retries: "threadweaver.call.retries",
} as const;
