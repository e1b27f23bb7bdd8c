import { startCall } from "./call.ts";
import type { View } from "../dialects/schema.ts";
import type { Limit } from "./ending.ts";
import { aroundLast } from "../trie/locate.ts";
import { readPlan } from "./plan.ts";
import {
  forkOf,
  sequenceOf,
  threadsOf,
  type Call,
  type Fork,
  type Sequence,
  type State,
  type WarningCode,
} from "./state.ts";
import { fill, render } from "../dialects/template.ts";
import { append, path, textOf, type Position } from "../trie/trie.ts";

/** What came of the wish to fork. */
export type ForkOutcome = "forked" | "empty" | { refused: Limit };

/** Reads the plan that a sequence has just finished and starts its threads, if there is one and the limits allow it. */
export function openFork(state: State, by: Sequence): ForkOutcome {
  const { plan } = state.dialect;
  const { items, problems } = readPlan(plan, planText(state, by));
  for (const { code, message } of problems) warn(state, by, code, message);
  if (items.length === 0) {
    warn(state, by, "plan-empty", "a plan without a readable item: no threads");
    return "empty";
  }
  const refused = limitOf(state, by, items.length);
  if (refused !== undefined) {
    warn(state, by, "fork-refused", `a fork of ${items.length} is over the limit of ${describeLimit(state, refused)}`);
    return { refused };
  }
  const fork = createFork(state, by, by.head);
  by.waiting = fork.id;
  for (const item of items) addThread(state, fork, item, by.critical);
  start(state, fork);
  return "forked";
}

/** Starts one thread while its parent goes on. A used id or a full pool: nothing happens, with a warning. */
export function spawn(state: State, call: Call, at: Position, captures: Readonly<Record<string, string>>): void {
  const by = sequenceOf(state, call.sequence);
  const id = captures["id"] ?? "";
  if (spawned(state, by, id) !== undefined) {
    warn(state, by, "plan-duplicate", `${id} was forked before; the first one counts`);
    return;
  }
  // Those not yet joined, rather than those still running: so the answer does not depend on who is faster.
  const waitedFor = by.forks.filter((id) => !forkOf(state, id).joined).length;
  const refused = waitedFor >= state.limits.threads ? "threads" : limitOf(state, by, 1);
  if (refused !== undefined) {
    warn(state, by, "fork-refused", `the fork ${id} is over the limit of ${describeLimit(state, refused)}`);
    return;
  }
  const fork = createFork(state, by, at);
  addThread(state, fork, { ...captures, index: "1" }, call.critical + call.tokens);
  start(state, fork);
}

/** The fork of a sequence in which `id` was spawned. */
export function spawned(state: State, by: Sequence, id: string): Fork | undefined {
  return by.forks.map((fork) => forkOf(state, fork)).find((fork) => threadsOf(state, fork)[0]?.name === id);
}

export function warn(state: State, { threadId }: Sequence, code: WarningCode, message: string): void {
  state.outbox.push({ e: "warning", warning: { code, message, threadId } });
}

/** The text in which the sequence's plan stands; undefined where nothing opened it. */
function planText(state: State, by: Sequence): string | undefined {
  const { plan } = state.dialect;
  if (plan.source !== "outline") return undefined;
  const own = path(state.trie, by.head, by.scope);
  if (plan.after === "") return textOf(own);
  return aroundLast(own, plan.after, state.vocabulary.markers[plan.after])?.behind;
}

function limitOf({ limits, forks, dialect }: State, by: Sequence, threads: number): Limit | undefined {
  if (threads > limits.threads) return "threads";
  if (dialect.trigger.kind !== "inline" && forks.length >= limits.forks) return "forks";
  return by.depth + 1 > dialect.thread.maxDepth ? "depth" : undefined;
}

function describeLimit({ limits, dialect }: State, limit: Limit): string {
  if (limit === "threads") return `${limits.threads} threads a fork`;
  return limit === "forks" ? `${limits.forks} forks a run` : `${dialect.thread.maxDepth} levels of threads`;
}

function createFork(state: State, by: Sequence, at: Position): Fork {
  const fork: Fork = {
    id: state.forks.length,
    by: by.id,
    forkId: `${by.threadId}/${by.forks.length + 1}`,
    at,
    threads: [],
    pending: 0,
    joined: false,
  };
  state.forks.push(fork);
  by.forks.push(fork.id);
  return fork;
}

function addThread(state: State, fork: Fork, captures: Readonly<Record<string, string>>, critical: number): void {
  const by = sequenceOf(state, fork.by);
  const index = fork.threads.length;
  const head = root(state, fork, captures);
  state.sequences.push({
    id: state.sequences.length,
    parent: { sequence: by.id, fork: fork.id, index },
    threadId: `${fork.forkId}.${index + 1}`,
    name: captures["id"] ?? `${index + 1}`,
    captures,
    depth: by.depth + 1,
    head: head ?? fork.at,
    body: head ?? fork.at,
    scope: head ?? fork.at,
    call: undefined,
    waiting: undefined,
    forks: [],
    calls: 0,
    source:
      state.dialect.context.kind === "prefix" && by.source !== undefined
        ? { call: by.source.call, shared: fork.at }
        : undefined,
    critical,
    tokens: 0,
    closing: undefined,
    ending: undefined,
  });
  fork.threads.push(state.sequences.length - 1);
}

/** Where a thread begins to write: behind its header, or behind a prompt of its own. */
function root(state: State, fork: Fork, captures: Readonly<Record<string, string>>): Position | undefined {
  const { dialect, trie } = state;
  const { context } = dialect;
  if (context.kind === "prefix") {
    const text = fill(context.header.prompt, captures);
    return text === "" ? fork.at : append(trie, fork.at, { by: "runtime", why: "header" }, [{ text }]);
  }
  const view: View = { text: "", history: textOf(path(trie, fork.at)), captures, threads: [] };
  if (context.kind === "text") {
    const text = render(dialect, context.text, view);
    return text === undefined ? undefined : append(trie, null, { by: "prompt" }, [{ text }]);
  }
  const chat = context.messages.map(({ role, content }) => ({ role, content: render(dialect, content, view) ?? "" }));
  const prefill = context.prefill === undefined ? undefined : render(dialect, context.prefill, view);
  return append(trie, null, { by: "prompt" }, [prefill === undefined ? { chat } : { chat, prefill }]);
}

function start(state: State, fork: Fork): void {
  fork.pending = fork.threads.length;
  state.outbox.push({ e: "fork", fork: fork.id });
  for (const thread of threadsOf(state, fork)) {
    if (thread.head !== fork.at || state.dialect.context.kind === "prefix") {
      startCall(state, thread, "body");
    } else {
      warn(state, thread, "thread-not-started", `the plan says nothing from which thread ${thread.name} could start`);
      state.ended.push({ sequence: thread, call: undefined, ending: { kind: "refused", limit: "plan" } });
    }
  }
}
