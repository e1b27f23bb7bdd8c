import {
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from "@opentelemetry/api";
import { finishReasonOf } from "../core/machine/ending.ts";
import type { ObservedEnd, ObservedEvent, ObservedRequest, ObservedRun } from "../run/observe.ts";
import type { ThreadInfo } from "../run/thread-info.ts";
import type { CallTimes } from "./call-times.ts";
import { inputMessages, outputMessages } from "./messages.ts";
import { attribute, operation, span as spanNames } from "./names.ts";
import { resultAttributes } from "./result-attributes.ts";

export interface SpansSetup {
  tracer: Tracer;
  run: ObservedRun;
  times: CallTimes;
  /** Of every call. */
  shared: Attributes;
  captureText: boolean;
  /** Where the run was asked for. */
  parent: Context;
}

type Event<T extends ObservedEvent["type"]> = Extract<ObservedEvent, { type: T }>;

/** A span that is not over, and the context in which its children begin. */
interface Open {
  readonly span: Span;
  readonly context: Context;
}

const main = "0";

/**
 * The events of one run as a tree of spans: the run has forks, a fork has threads, a thread has forks of its own. Main, which
 * is the run's own span, and threads have calls, and a call has attempts.
 */
export class RunSpans {
  readonly #setup: SpansSetup;
  readonly #run: Open;
  /** Main and threads, by their ids. Those that are over stay: a call that never got a slot may end after its thread. */
  readonly #sequences = new Map<string, Open>();
  readonly #forks = new Map<string, Open>();
  readonly #calls = new Map<number, Open>();
  /** The running attempt of each call. */
  readonly #attempts = new Map<number, Open>();

  constructor(setup: SpansSetup) {
    this.#setup = setup;
    const { run, shared, captureText, parent } = setup;
    const messages = captureText ? inputMessages(run.input) : undefined;
    this.#run = this.#open(`${operation.run} ${run.dialect}`, parent, {
      ...shared,
      ...samplingAttributes(run),
      [attribute.operation]: operation.run,
      [attribute.workflow]: run.dialect,
      [attribute.dialect]: run.dialect,
      [attribute.runId]: run.id,
      [attribute.mode]: run.mode,
      [attribute.inputMessages]: messages,
    });
    this.#sequences.set(main, this.#run);
  }

  /** The span of the run. */
  get span(): Span {
    return this.#run.span;
  }

  /** Where the engine's own spans of a request belong. */
  contextOf({ call }: ObservedRequest): Context {
    return (this.#attempts.get(call) ?? this.#run).context;
  }

  event(event: ObservedEvent): void {
    if (event.type === "catch-up") this.#catchUp(event);
    if (event.type === "fork") this.#fork(event.forkId, event.threadId);
    if (event.type === "thread-start") this.#threadStart(event);
    if (event.type === "thread-end") this.#threadEnd(event);
    if (event.type === "join") close(this.#forks.get(event.forkId), { [attribute.criticalPath]: event.criticalPath });
    if (event.type === "call-start") this.#callStart(event);
    if (event.type === "call-retry") this.#callRetry(event);
    if (event.type === "call-end") this.#callEnd(event);
    if (event.type === "warning") this.#warning(event);
  }

  /** The run has settled: what is open ends with it, innermost first. */
  end({ result, error }: ObservedEnd): void {
    for (const open of [this.#attempts, this.#calls, this.#forks, this.#sequences]) {
      for (const one of [...open.values()].toReversed()) if (one !== this.#run) close(one);
    }
    const { span } = this.#run;
    const made = result ?? error?.partial;
    if (made !== undefined) span.setAttributes(resultAttributes(made));
    if (made !== undefined && this.#setup.captureText)
      span.setAttribute(attribute.outputMessages, outputMessages(made));
    if (error !== undefined) this.#fail(span, error.code, error.message);
    close(this.#run);
  }

  /** A run that is resumed: what was going on goes on. */
  #catchUp({ threads }: Event<"catch-up">): void {
    for (const thread of threads) {
      if (thread.ending !== undefined) continue;
      if (!this.#forks.has(thread.forkId)) this.#fork(thread.forkId, thread.parentId);
      this.#threadStart(thread);
    }
  }

  #fork(forkId: string, threadId: string): void {
    const open = this.#open(spanNames.fork, this.#contextOf(threadId), { [attribute.forkId]: forkId });
    this.#forks.set(forkId, open);
  }

  #threadStart({ threadId, forkId, index, name, plan }: ThreadInfo): void {
    const said = this.#setup.captureText ? { [attribute.threadName]: name, [attribute.threadPlan]: plan } : {};
    const known = { [attribute.threadId]: threadId, [attribute.threadIndex]: index, ...said };
    const parent = this.#forks.get(forkId) ?? this.#run;
    this.#sequences.set(threadId, this.#open(spanNames.thread, parent.context, known));
  }

  #threadEnd({ threadId, ending, tokens, criticalPath }: Event<"thread-end">): void {
    const open = this.#sequences.get(threadId);
    if (open !== undefined && ending.kind === "failed") this.#fail(open.span, "thread_failed", ending.message);
    close(open, {
      [attribute.ending]: ending.kind,
      [attribute.tokens]: tokens,
      [attribute.criticalPath]: criticalPath,
    });
  }

  #callStart({ call, threadId, role, attempt, promptTokens }: Event<"call-start">): void {
    const open = this.#calls.get(call) ?? this.#openCall(call, threadId, { [attribute.role]: role });
    open.span.setAttribute(attribute.inputTokens, promptTokens);
    const waitMs = this.#setup.times.of(call)?.waitMs ?? 0;
    const known = { [attribute.attempt]: attempt, [attribute.queueWait]: waitMs / 1000 };
    this.#attempts.set(call, this.#open(spanNames.attempt, open.context, known, this.#kind));
  }

  #callRetry({ call, code, message, status }: Event<"call-retry">): void {
    const open = this.#attempts.get(call);
    if (open === undefined) return;
    this.#fail(open.span, status === undefined ? code : `${status}`, message);
    close(open, { [attribute.status]: status });
  }

  /** A call that was cut while it waited for a slot has no attempt. */
  #callEnd({ call, threadId, ending, tokens, wasted, cachedTokens }: Event<"call-end">): void {
    const open = this.#calls.get(call) ?? this.#openCall(call, threadId, {});
    const attempt = this.#attempts.get(call);
    const firstTokenMs = this.#setup.times.of(call)?.firstTokenMs;
    if (ending.kind === "failed") this.#fail(open.span, "call_failed", ending.message);
    if (ending.kind === "failed" && attempt !== undefined) this.#fail(attempt.span, "call_failed", ending.message);
    close(attempt);
    close(open, {
      [attribute.ending]: ending.kind,
      [attribute.finishReasons]: [finishReasonOf(ending)],
      [attribute.outputTokens]: tokens + wasted,
      [attribute.wasted]: wasted,
      [attribute.cachedTokens]: cachedTokens,
      [attribute.timeToFirstChunk]: firstTokenMs === undefined ? undefined : firstTokenMs / 1000,
    });
  }

  #openCall(call: number, threadId: string, more: Attributes): Open {
    const { shared, run } = this.#setup;
    const name = `${String(shared[attribute.operation])} ${run.engine.model}`;
    const known = {
      ...shared,
      ...more,
      [attribute.call]: call,
      [attribute.threadId]: threadId,
      [attribute.stream]: true,
    };
    const open = this.#open(name, this.#contextOf(threadId), known, this.#kind);
    this.#calls.set(call, open);
    return open;
  }

  #warning({ code, message, threadId }: Event<"warning">): void {
    const said = this.#setup.captureText ? { [attribute.warningMessage]: message } : {};
    const { span } = this.#sequences.get(threadId) ?? this.#run;
    span.addEvent(spanNames.warning, { [attribute.warningCode]: code, [attribute.threadId]: threadId, ...said });
  }

  /** Messages may quote what a model or a server wrote. */
  #fail(span: Span, type: string, message: string): void {
    span.setAttribute(attribute.errorType, type);
    span.setStatus({ code: SpanStatusCode.ERROR, ...(this.#setup.captureText && { message }) });
  }

  #contextOf(threadId: string): Context {
    return (this.#sequences.get(threadId) ?? this.#run).context;
  }

  /** Models in this process are called by no protocol. */
  get #kind(): SpanKind {
    return this.#setup.shared[attribute.serverAddress] === undefined ? SpanKind.INTERNAL : SpanKind.CLIENT;
  }

  #open(name: string, parent: Context, attributes: Attributes, kind: SpanKind = SpanKind.INTERNAL): Open {
    const span = this.#setup.tracer.startSpan(name, { kind, attributes }, parent);
    return { span, context: trace.setSpan(parent, span) };
  }
}

/** Ends a span that is not over. */
function close(open: Open | undefined, attributes: Attributes = {}): void {
  if (open?.span.isRecording() !== true) return;
  open.span.setAttributes(attributes);
  open.span.end();
}

function samplingAttributes({ sampling, seed }: ObservedRun): Attributes {
  const { temperature, topP, topK } = sampling;
  return {
    [attribute.seed]: seed,
    [attribute.temperature]: temperature,
    [attribute.topP]: topP,
    [attribute.topK]: topK,
  };
}
