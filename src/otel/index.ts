/**
 * Runs as OpenTelemetry traces and metrics, by the conventions for generative AI (docs/telemetry.md). It needs the package
 * `@opentelemetry/api`, which every OpenTelemetry SDK brings.
 *
 * @packageDocumentation
 */
export { telemetry, type TelemetryOptions } from "./telemetry.ts";
export { attribute, conventions, metric, operation, span } from "./names.ts";
