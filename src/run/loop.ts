import type { Dialect } from "../core/dialects/schema.ts";
import { step } from "../core/machine/machine.ts";
import type { Effect, Input, UntimedInput } from "../core/machine/protocol.ts";
import type { CallId, State } from "../core/machine/state.ts";
import { scoreOf } from "../core/policies/confidence.ts";
import type { Engine } from "../engine/engine.ts";
import { warningAfter, warningsBefore } from "./advice.ts";
import type { AttemptVote } from "./attempts/options.ts";
import { runEnd, summaryOf } from "./build-result.ts";
import { Calls } from "./calls/calls.ts";
import { encodeUnsent } from "./calls/encode.ts";
import type { EngineHealth } from "./calls/health.ts";
import type { Complete } from "./calls/request.ts";
import { Retries } from "./calls/retries.ts";
import type { Slots } from "./calls/slots/slots.ts";
import { RunClock, type Clock } from "./clock.ts";
import type { RunEvent } from "./events.ts";
import { combineFork } from "./fork/combine.ts";
import type { CheckedBranch } from "./fork/options.ts";
import type { Combine } from "./fork/template.ts";
import { headerOf } from "./header.ts";
import { EventQueue } from "./listen/event-queue.ts";
import type { End, Listener } from "./listen/listener.ts";
import { Listeners, type EventSink } from "./listen/listeners.ts";
import { ReadingOrder } from "./listen/reading-order.ts";
import { limitsOf, type CheckedOptions } from "./options.ts";
import type { RunInput } from "./input.ts";
import { errorWith, messageOf, type ThreadweaverError } from "./failure.ts";
import { outcomeOf } from "./outcome.ts";
import { checkEngineFits, prepare, type Prepared } from "./prepare.ts";
import { RunPolicies, type Orders } from "./policies/run-policies.ts";
import type { RecordedRun } from "./recorder.ts";
import { Recording } from "./recording.ts";
import { replayInputs, stateOf, warningOf } from "./resume.ts";
import { Reporter } from "./listen/reporter.ts";
import type { Observe } from "./observe.ts";
import type { RunResult, RunWarning } from "./result.ts";
import type { RunDriver } from "./run.ts";
import { roundMs } from "./thread-info.ts";

export interface LoopSetup {
  engine: Engine;
  /** As it was given: in mode `sequential` the run leaves out its forks. */
  dialect: Dialect;
  slots: Slots;
  clock: Clock;
  /** From 0 to below 1: for the waits between attempts. */
  random: () => number;
  /** Of the batch that the run belongs to. */
  health?: EngineHealth | undefined;
  /** Of this run; what the engine's requests are named after. */
  id: string;
  seed: number;
  options: CheckedOptions;
  /** What watches the runs of the runner. */
  observe?: readonly Observe[] | undefined;
  /** Of a fork that the program plans, and what is made of its results. */
  branches?: readonly CheckedBranch[] | undefined;
  combine?: Combine | undefined;
  /** Of attempts: what their votes weigh. */
  vote?: AttemptVote | undefined;
}

/** A run that is over waits so long for engines to close its streams. */
const closingMs = 1000;

/**
 * One run. Inputs wait in a queue that is never re-entered: the machine takes a step, its effects are applied, and then
 * recorder and listeners get what happened. Whatever happens to a run ends it in one place, `#conclude`: it finished, it was
 * aborted, or something threw. Nothing that it waits for can keep it from being aborted.
 */
export class RunLoop implements RunDriver {
  /** Rejects with a `ThreadweaverError` that has all that was made as `partial`. */
  readonly result: Promise<RunResult>;
  readonly #setup: LoopSetup;
  readonly #clock: RunClock;
  readonly #retries: Retries;
  readonly #recording: Recording;
  readonly #state: State;
  readonly #calls: Calls;
  /** Undefined: nothing decides about threads. */
  readonly #policies: RunPolicies | undefined;
  readonly #reporter: Reporter;
  readonly #listeners: Listeners;
  readonly #settled = Promise.withResolvers<RunResult>();
  readonly #preparing = new AbortController();
  readonly #queue: UntimedInput[] = [];
  readonly #warnings: RunWarning[] = [];
  /** Listeners that came in the middle of a step. */
  readonly #late: EventSink[] = [];
  #isDraining = false;
  /** It has finished, and waits for the last streams to close. */
  #isClosing = false;
  #isOver = false;
  /** What listeners get last. */
  #last: { event?: RunEvent; end: End } | undefined;
  #aborted: { reason: unknown } | undefined;
  #died: { error: unknown } | undefined;

  constructor(setup: LoopSetup) {
    const { options, random, health } = setup;
    this.#setup = setup;
    this.#clock = new RunClock(setup.clock);
    this.#retries = new Retries({ options: options.retry, clock: setup.clock, random, health });
    this.#recording = new Recording(options.recorder, (error) => this.#warnOf("recorder-failed", "recorder", error));
    this.result = this.#settled.promise;
    const { mode, stop } = options;
    this.#state = stateOf({ mode, limits: limitsOf(options), stop }, setup.dialect);
    this.#listeners = new Listeners(options.onEvent, (name, error) => this.#warnOf("listener-failed", name, error));
    this.#reporter = new Reporter(
      this.#state,
      () => this.#clock.began,
      (event) => this.#listeners.publish(event),
      () => this.#listeners.areTextsHeard,
    );
    // Policies decide about threads, so a run without forks has nothing for them.
    this.#policies = options.policy.length > 0 ? new RunPolicies(this.#state, options) : undefined;
    this.#calls = new Calls({
      ...setup,
      state: this.#state,
      retries: this.#retries,
      feed: (input) => this.#feed(input),
      warn: (warning) => this.#engineWarned(warning),
      die: (error) => this.#die(error),
      isHeard: () => this.#listeners.areTextsHeard,
      observedHeaders: (request) => this.#listeners.headers(request),
      onClose: () => this.#settle(),
    });
  }

  /** Begins. */
  start(input: RunInput): void {
    const { engine, options, branches } = this.#setup;
    const { signal } = this.#preparing;
    const { dialect } = this.#state;
    this.#listeners.observe({ ...this.#setup, input });
    void this.#orDie(async () => {
      const work = (): Promise<Prepared> => prepare(input, { engine, dialect, options, branches }, signal);
      this.#beginRun(await this.#retries.run(work, { signal }));
    });
  }

  /** Goes on with a run from where its record ends. */
  resume({ header, inputs }: RecordedRun): void {
    const { engine } = this.#setup;
    const { signal } = this.#preparing;
    const { dialect } = this.#state;
    this.#listeners.observe({ ...this.#setup, input: undefined });
    void this.#orDie(async () => {
      const { warnings, open } = replayInputs(this.#state, inputs, (input, effects) =>
        this.#policies?.replayed(input, effects),
      );
      this.#warnings.push(...warnings);
      this.#clock.goOn(header.began, this.#state.now);
      this.#reporter.skip();
      this.#listeners.publish(this.#reporter.catchUp());
      await this.#retries.run(() => checkEngineFits(header, dialect, engine, signal), { signal });
      this.#goOn(open);
    });
  }

  async #orDie(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#die(error);
    }
  }

  #goOn(open: readonly Effect[]): void {
    if (this.#isOver) return;
    for (const effect of open) this.#apply(effect);
    const { cuts, wakeAt } = this.#policies?.leftOver() ?? {};
    for (const cut of cuts ?? []) this.#feed({ t: "cut", ...cut });
    if (wakeAt !== undefined) this.#wakeAt(wakeAt);
    this.#settle();
  }

  /** Ends the run at once, whatever it waits for; the text so far is closed and travels with the error. */
  abort(reason: unknown): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    this.#preparing.abort(reason);
    if (this.#state.sequences.length > 0 && this.#state.ending === undefined) this.#feed({ t: "stop" });
    else this.#settle();
  }

  /** The events from now on. @param onReturn is called where the listener leaves before the end. */
  listen(onReturn: () => void): AsyncGenerator<RunEvent, void, undefined> {
    return this.#admit(new EventQueue(), onReturn);
  }

  /** The text from its beginning, in reading order. */
  readText(): AsyncGenerator<string, void, undefined> {
    return this.#admit(new ReadingOrder(this.#state), () => {});
  }

  /** How sure the model was of what a thread has written, over windows of this size. */
  scoreOf(threadId: string, window: number): number {
    return scoreOf(this.#state.trie, threadId, window);
  }

  #admit<T>(sink: Listener<T> & EventSink, onReturn: () => void): AsyncGenerator<T, void, undefined> {
    if (this.#isDraining) this.#late.push(sink);
    else this.#welcome(sink);
    return sink.read(() => {
      this.#listeners.remove(sink);
      onReturn();
    });
  }

  #welcome(sink: EventSink): void {
    this.#reporter.skip();
    if (this.#state.sequences.length > 0) sink.catchUp(this.#reporter);
    if (this.#last === undefined) {
      this.#listeners.add(sink);
      return;
    }
    const { event, end } = this.#last;
    if (event !== undefined) sink.push(event);
    sink.close(end);
  }

  #beginRun({ prompt, vocabulary, branches }: Prepared): void {
    if (this.#isOver) return;
    const header = headerOf(this.#setup, { began: this.#clock.began, prompt, vocabulary });
    this.#recording.begin(header);
    this.#reporter.begin(header);
    this.#feed({ t: "start", prompt, vocabulary, ...(branches && { branches }) });
    const { dialect } = this.#state;
    for (const warning of warningsBefore({ ...this.#setup, dialect }, vocabulary))
      this.#feed({ t: "warned", ...warning });
  }

  #feed(input: UntimedInput): void {
    if (this.#isOver) return;
    this.#queue.push(input);
    if (this.#isDraining) return;
    this.#drain(() => {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#step(next);
    });
    this.#settle();
  }

  /** Takes steps, and is not re-entered. A listener that is added in the middle of them is served after them, also if one threw. */
  #drain(takeSteps: () => void): void {
    this.#isDraining = true;
    try {
      takeSteps();
    } catch (error) {
      this.#queue.length = 0;
      this.#died ??= { error };
    }
    this.#isDraining = false;
    for (const sink of this.#late.splice(0)) this.#welcome(sink);
  }

  #step(untimed: UntimedInput): void {
    // A clock that is set back is no reason to lose a run.
    const input = timed(untimed, Math.max(this.#clock.now(), this.#state.now));
    const effects = step(this.#state, input);
    const orders = this.#policies?.after(input, effects);
    for (const effect of effects) this.#apply(effect);
    if (orders !== undefined) this.#obey(orders);
    if (input.t === "warned") this.#warnings.push(warningOf(input));
    this.#recording.input(input);
    if (this.#listeners.any) this.#reporter.report(input, effects);
  }

  #apply(effect: Effect): void {
    if (effect.e === "complete") this.#begin(effect);
    if (effect.e === "combine") this.#combine(effect.fork);
    if (effect.e === "cancel") this.#cancel(effect.call);
    if (effect.e === "wake") this.#wakeAt(effect.at);
    if (effect.e === "warning") this.#warnings.push(effect.warning);
  }

  #begin(effect: Complete): void {
    if (this.#policies?.keepsBack(effect) !== true) this.#calls.begin(effect);
  }

  #cancel(call: CallId): void {
    if (this.#policies?.forget(call) === true) this.#feed({ t: "ended", call, reason: { kind: "stop" } });
    else this.#calls.cancel(call);
  }

  /** Cuts come before what waits in the queue: they were decided without looking at that. */
  #obey({ cuts, begin, wakeAt }: Orders): void {
    this.#queue.unshift(...cuts.map((cut): UntimedInput => ({ t: "cut", ...cut })));
    for (const effect of begin) this.#calls.begin(effect);
    if (wakeAt !== undefined) this.#wakeAt(wakeAt);
  }

  #wakeAt(at: number): void {
    this.#clock.schedule(at, () => this.#feed({ t: "time" }));
  }

  #combine(fork: number): void {
    const { signal } = this.#preparing;
    const setup = { ...this.#setup, state: this.#state, retries: this.#retries, signal };
    void this.#orDie(async () => this.#feed({ t: "combined", fork, ...(await combineFork(fork, setup)) }));
  }

  /** A warning of the engine is an input, so that a record has it. */
  #engineWarned(warning: RunWarning): void {
    // One of this kind says it for all calls.
    const isKnown = this.#warnings.some(({ code }) => code === warning.code);
    if (warning.code !== "resumed-from-text" || !isKnown) this.#feed({ t: "warned", ...warning });
  }

  #warnOf(code: "recorder-failed" | "listener-failed", name: string, error: unknown): void {
    const warning = { code, message: `${name} threw, and is not called again: ${messageOf(error)}`, threadId: "" };
    this.#warnings.push(warning);
    this.#listeners.publish({ type: "warning", at: roundMs(this.#clock.elapsed), ...warning });
  }

  #die(error: unknown): void {
    this.#died ??= { error };
    this.#settle();
  }

  /** Ends the run if it is over: it died, was aborted, or finished and has no stream left. */
  #settle(): void {
    if (this.#isDraining) return;
    const hasFinished = this.#state.ending !== undefined;
    if (this.#died !== undefined || this.#aborted !== undefined || (hasFinished && this.#calls.idle)) this.#conclude();
    // Nothing of this run is to be left at the engine; but an engine that never closes a stream holds no run up.
    else if (hasFinished && !this.#isClosing) this.#concludeLater();
  }

  #concludeLater(): void {
    this.#isClosing = true;
    try {
      this.#clock.schedule(this.#clock.now() + closingMs, () => this.#conclude());
    } catch (error) {
      this.#die(error);
    }
  }

  #conclude(): void {
    if (this.#isOver) return;
    this.#drain(() => this.#takeLastSteps());
    this.#isOver = true;
    this.#calls.abortAll();
    try {
      this.#clock.stop();
      this.#publishEnd();
    } catch (error) {
      // A clock that throws, say: the run settles all the same.
      this.#fail(errorWith(error));
    }
  }

  #publishEnd(): void {
    const { seed, options } = this.#setup;
    const { result, error } = outcomeOf({
      state: this.#state,
      seed,
      options,
      warnings: this.#warnings,
      wallMs: this.#clock.elapsed,
      died: this.#died,
      aborted: this.#aborted,
      record: this.#recording.name,
      failureOf: (threadId) => this.#calls.failureOf(threadId),
    });
    if (result === undefined || error !== undefined) this.#fail(error);
    else {
      const event = runEnd(result);
      this.#last = { event, end: {} };
      this.#listeners.publish(event);
      this.#listeners.close({}, summaryOf(result));
      this.#settled.resolve(result);
    }
    this.#recording.end({ result: result && summaryOf(result), error });
  }

  #fail(error: ThreadweaverError | undefined): void {
    this.#last = { end: { error } };
    this.#listeners.close({ error });
    this.#settled.reject(error);
  }

  /** What needs no network: ids of what was never sent, and advice. */
  #takeLastSteps(): void {
    encodeUnsent(this.#state, this.#setup.engine.tokenizer, (input) => this.#step(input));
    // A run that fails has other things to say.
    if (this.#died !== undefined || this.#aborted !== undefined) return;
    const advice = warningAfter(this.#state, this.#warnings);
    if (advice !== undefined) this.#step({ t: "warned", ...advice });
  }
}

/** Inputs are made here and in `calls.ts`, and nothing else holds them yet: each gets its time in place. */
function timed(untimed: UntimedInput, at: number): Input {
  const input: UntimedInput & { at?: number } = untimed;
  input.at = at;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has its time now
  return input as Input;
}
