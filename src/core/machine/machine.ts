import { ThreadweaverError } from "../../errors.ts";
import { append, columnsOf, encodePiece, segmentOf } from "../trie/trie.ts";
import { combineFork } from "./combine.ts";
import { cutSequence } from "./end.ts";
import type { Effect, Input } from "./protocol.ts";
import { checkTime, receiveBreak, receiveEnd, receivePieces, receiveReasoning } from "./receive.ts";
import { begin, follow } from "./sequence.ts";
import { addSequence, callOf, forkOf, runningCall, sequenceOf, type Call, type FollowUp, type State } from "./state.ts";

const nothing: readonly Effect[] = [];

/**
 * One step of fork-join decoding: takes what happened and returns what to do. It is deterministic and does no I/O. The
 * same inputs give the same effects, whether they come from a live engine, a simulator or a recorded trace.
 *
 * How an ending travels. `receive.ts` finds that a call has ended: by a marker, an end of sequence or a limit, or
 * because the engine reports it. `endCall` in `call.ts` sets the ending, leaves the sequence `stopped` and puts it into
 * `state.queue`. The loop below takes it out, and `follow` in `sequence.ts` decides what comes next: another call, a
 * fork (`fork.ts`), a wait, or the end of the sequence (`endSequence` in `end.ts`). A sequence with running threads is
 * `closing` until these have been cut, each through the same queue. The last thread of a fork puts the fork into the
 * queue. `followFork` then joins it (`join.ts`), or has the program make a turn of its results first (`combine.ts`), and
 * lets the parent continue or end. Every sequence that has made a call ends in this way.
 *
 * The machine owns and changes `state`; its driver only reads it. An input that breaks the protocol, such as one for an
 * unknown call, is a mistake of the driver: it throws a RangeError before anything has changed. If anything else
 * throws, such as a dialect's function, the state is broken, and every later step throws an error that says so.
 */
export function step(state: State, input: Input): readonly Effect[] {
  if (state.broken !== undefined) throw brokenError(state.broken);
  check(state, input);
  try {
    if (state.moved.length > 0) state.moved.length = 0;
    state.now = input.at;
    apply(state, input);
    checkTime(state);
    for (let next = takeNext(state); next !== undefined; next = takeNext(state)) follow(state, next);
  } catch (error) {
    state.broken = { input: input.t, error };
    throw error;
  }
  if (state.outbox.length === 0) return nothing;
  const effects = state.outbox;
  state.outbox = [];
  shareParts(state, effects);
  return effects;
}

function takeNext({ queue }: State): FollowUp | undefined {
  return queue.length === 0 ? undefined : queue.shift();
}

/** Throws if an input breaks the protocol. Nothing has changed by then. */
function check(state: State, input: Input): void {
  if (!(input.at >= state.now)) throw new RangeError(`time goes back: ${input.at} after ${state.now}`);
  const hasStarted = state.sequences.length > 0;
  switch (input.t) {
    case "pieces":
    case "reasoned":
    case "ended":
    case "sent":
    case "broke":
      if (!callOf(state, input.call).live) throw new RangeError(`call ${input.call} has ended already`);
      return;
    case "start":
      if (hasStarted) throw new RangeError("the machine has started already");
      return;
    case "cut":
      sequenceOf(state, input.sequence);
      return;
    case "combined":
      if (forkOf(state, input.fork).combined === "asked") return;
      throw new RangeError(`fork ${input.fork} does not wait for a turn`);
    case "encoded":
      if (columnsOf(segmentOf(state.trie, input.segment)).withoutIds > 0) return;
      throw new RangeError(`segment ${input.segment} has its ids already`);
    case "time":
    case "stop":
    case "warned":
      if (!hasStarted) throw new RangeError("the machine has not started");
  }
}

function apply(state: State, input: Input): void {
  switch (input.t) {
    case "start":
      start(state, input);
      break;
    case "sent":
      sent(state, input);
      break;
    case "pieces":
      receivePieces(state, callOf(state, input.call), input.pieces);
      break;
    case "reasoned":
      receiveReasoning(callOf(state, input.call), input.text);
      break;
    case "broke":
      receiveBreak(state, callOf(state, input.call), input.attempt, input.usage);
      break;
    case "encoded":
      encodePiece(state.trie, input.segment, input.ids, input.text);
      break;
    case "ended":
      receiveEnd(state, callOf(state, input.call), input.reason, input.usage);
      break;
    case "combined":
      combineFork(state, forkOf(state, input.fork), input);
      break;
    case "cut":
      cutSequence(state, sequenceOf(state, input.sequence), { kind: "cut", by: input.by });
      break;
    case "stop":
      cutSequence(state, sequenceOf(state, 0), { kind: "cut", by: "user" });
      break;
    case "time": // every input carries the time
    case "warned":
      break;
  }
}

function start(state: State, { at, prompt, vocabulary, branches = [] }: Extract<Input, { t: "start" }>): void {
  state.startedAt = at;
  state.deadline = at + (state.limits.ms ?? Infinity);
  // The state shares nothing with its inputs, because a recorder may keep or change them.
  state.vocabulary = { eos: [...vocabulary.eos], markers: { ...vocabulary.markers } };
  state.branches = branches.map((branch) => ({ ...branch }));
  for (const id of vocabulary.eos) state.eos.add(id);
  const head = append(state.trie, null, { by: "prompt" }, [prompt]);
  const main = addSequence(state, {
    parent: undefined,
    threadId: "0",
    name: "",
    plan: "",
    captures: {},
    depth: 0,
    head,
    source: undefined,
    critical: 0,
  });
  begin(state, main);
  if (state.deadline < Infinity && state.ending === undefined) state.outbox.push({ e: "wake", at: state.deadline });
}

function sent(state: State, input: Extract<Input, { t: "sent" }>): void {
  const call = callOf(state, input.call);
  const segment = segmentOf(state.trie, call.segment);
  const { attempt, promptTokens, promptIds, sampling, seed } = input;
  segment.origins.push({
    from: columnsOf(segment).length,
    attempt,
    promptTokens,
    ...(promptIds && { promptIds: [...promptIds] }),
    ...(sampling && { sampling }),
    ...(seed !== undefined && { seed }),
  });
  if (call.ending === undefined && call.deadline === Infinity) startTime(state, call);
}

/** The time of a call begins with its first request. */
function startTime(state: State, call: Call): void {
  call.deadline = state.now + (state.limits.callMs ?? Infinity);
  if (call.deadline === Infinity) return;
  state.callDeadline = Math.min(state.callDeadline, call.deadline);
  state.outbox.push({ e: "wake", at: call.deadline });
}

/**
 * Limits how many tokens can come at once, so that one call cannot use up what all share: each gets its part of the
 * rest.
 */
function shareParts(state: State, effects: readonly Effect[]): void {
  const { runTokens } = state.limits;
  if (runTokens === undefined) return;
  const asked = effects.filter((effect) => effect.e === "complete");
  if (asked.length === 0) return;
  const running = state.sequences.filter((sequence) => runningCall(state, sequence) !== undefined).length;
  const share = Math.max(1, Math.floor((runTokens - state.generated) / Math.max(1, running)));
  for (const effect of asked) effect.maxPart = share;
}

function brokenError({ input, error }: NonNullable<State["broken"]>): ThreadweaverError {
  const message = error instanceof Error ? error.message : String(error);
  return new ThreadweaverError(
    "internal",
    `the machine broke at an earlier input (${input}) and cannot go on: ${message}`,
    {
      cause: error,
    },
  );
}
