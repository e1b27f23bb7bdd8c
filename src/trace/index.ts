/**
 * Traces: a run as a file of JSON lines, to replay it without an engine, or to go on with it after its process was
 * killed. `createTrace` writes one, `readTrace` reads it.
 *
 * @packageDocumentation
 */
export { createTrace, appendTrace, type TraceOptions, type TraceRecorder } from "./writer.ts";
export { readTrace, type Trace } from "./reader.ts";
export { replayTrace, type Replayed, type ReplayOptions } from "./replay.ts";
export type { RecordedRun, Recorder, RunEnd, RunHeader } from "../run/recorder.ts";
export { traceVersion, type TraceContent, type TraceEnd } from "./format.ts";
export type { ResumeOptions } from "../run/options.ts";
