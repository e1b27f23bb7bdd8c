import type { Attributes } from "@opentelemetry/api";
import type { ObservedEnd, ObservedEvent } from "../run/observe.ts";
import type { CallTimes } from "./call-times.ts";
import type { Instruments } from "./instruments.ts";
import { attribute, operation } from "./names.ts";

export interface MetricsSetup {
  instruments: Instruments;
  times: CallTimes;
  /** Of every call. */
  shared: Attributes;
  dialect: string;
}

/** The events of one run as metrics. */
export class RunMetrics {
  readonly #setup: MetricsSetup;
  /** Of calls. */
  readonly #attributes: Attributes;
  /** Of counted tokens. */
  readonly #ofText: Attributes;

  constructor(setup: MetricsSetup) {
    this.#setup = setup;
    this.#attributes = { ...setup.shared, [attribute.dialect]: setup.dialect };
    this.#ofText = { ...this.#attributes, [attribute.modality]: "text" };
  }

  event(event: ObservedEvent): void {
    if (event.type === "call-start") this.#callStart(event);
    if (event.type === "call-first-token") this.#firstToken(event);
    if (event.type === "call-end") this.#callEnd(event);
    if (event.type === "call-retry") {
      this.#setup.instruments.retries.add(1, { ...this.#attributes, [attribute.errorType]: event.code });
    }
  }

  end({ result, error }: ObservedEnd): void {
    const { instruments } = this.#setup;
    const known = { ...this.#attributes, [attribute.operation]: operation.run };
    const made = result ?? error?.partial;
    const ended = error === undefined ? known : { ...known, [attribute.errorType]: error.code };
    instruments.runDuration.record((made?.wallMs ?? 0) / 1000, ended);
    if (made === undefined) return;
    const { tokens, usage, accelerationRatio } = made;
    instruments.criticalPath.record(tokens.criticalPath, known);
    instruments.accelerationRatio.record(accelerationRatio, known);
    const { inputTokens, cachedInputTokens } = usage;
    if (cachedInputTokens === undefined || inputTokens === 0) return;
    instruments.cachedShare.record(cachedInputTokens / inputTokens, known);
  }

  #callStart({ call, promptTokens }: Extract<ObservedEvent, { type: "call-start" }>): void {
    const { instruments, times } = this.#setup;
    instruments.inputTokens.add(promptTokens, this.#ofText);
    instruments.queueWait.record((times.of(call)?.waitMs ?? 0) / 1000, this.#attributes);
  }

  #firstToken({ call }: Extract<ObservedEvent, { type: "call-first-token" }>): void {
    const ms = this.#setup.times.of(call)?.firstTokenMs;
    if (ms !== undefined) this.#setup.instruments.timeToFirstChunk.record(ms / 1000, this.#attributes);
  }

  #callEnd({ call, ending, tokens, wasted, cachedTokens }: Extract<ObservedEvent, { type: "call-end" }>): void {
    const { instruments, times } = this.#setup;
    instruments.outputTokens.add(tokens + wasted, this.#ofText);
    if (cachedTokens !== undefined) instruments.cachedTokens.add(cachedTokens, this.#ofText);
    const time = times.of(call);
    if (time === undefined) return;
    const failed = ending.kind === "failed" ? { [attribute.errorType]: "call_failed" } : {};
    instruments.callDuration.record(time.ms / 1000, { ...this.#attributes, ...failed });
  }
}
