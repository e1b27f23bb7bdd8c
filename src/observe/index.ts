/**
 * What watches the runs of a runner: `createRunner({ observe })`. `logRuns` writes them down as structured log lines;
 * `threadweaver/otel` makes traces and metrics of them (docs/telemetry.md).
 *
 * @packageDocumentation
 */
export { logRuns, type Logger, type LogRunsOptions } from "./log-runs.ts";
export type { Observe, ObservedEnd, ObservedEvent, ObservedRequest, ObservedRun, RunObserver } from "../run/observe.ts";
