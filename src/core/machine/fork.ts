import { render, fill } from "../dialects/template.ts";
import { left } from "../limits/limits.ts";
import { lastMarker } from "../trie/locate.ts";
import { textBetween } from "../trie/path.ts";
import { append, type Position } from "../trie/trie.ts";
import { startCall } from "./call.ts";
import type { Limit } from "./ending.ts";
import { endSequence } from "./end.ts";
import { readPlan, type PlanItem } from "./plan.ts";
import {
  addSequence,
  forkOf,
  sequenceOf,
  threadsOf,
  type Call,
  type Fork,
  type Sequence,
  type State,
} from "./state.ts";
import { warn } from "./warn.ts";

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
  const refused = refusalOf(state, by, items.length);
  if (refused !== undefined) {
    warn(state, by, "fork-refused", `a fork of ${items.length} is over the limit of ${describeLimit(state, refused)}`);
    return { refused };
  }
  const fork = createFork(state, by, by.head);
  by.phase = { is: "waiting", fork: fork.id };
  for (const item of items) addThread(state, fork, item, by.critical);
  startThreads(state, fork);
  return "forked";
}

/** Starts one thread while its parent goes on. A used id or a full pool: nothing happens, with a warning. */
export function spawn(state: State, call: Call, at: Position, captures: Readonly<Record<string, string>>): void {
  const by = sequenceOf(state, call.sequence);
  if (by.forksUsedUp) return; // said once, when that was found
  const id = captures["id"] ?? "";
  if (spawned(state, by, id) !== undefined) {
    warn(state, by, "plan-duplicate", `${id} was forked before; the first one counts`);
    return;
  }
  // Those not yet joined, rather than those still running: so the answer does not depend on which is faster.
  const open = by.forks.filter((fork) => !forkOf(state, fork).joined).length;
  const refused = refusalOf(state, by, open + 1);
  if (refused !== undefined) {
    warn(state, by, "fork-refused", `the fork ${id} is over the limit of ${describeLimit(state, refused)}`);
    return;
  }
  const fork = createFork(state, by, at);
  const item = { captures: { ...captures, index: "1" }, text: captures["text"] ?? "" };
  addThread(state, fork, item, call.critical + call.tokens);
  startThreads(state, fork);
}

/** The fork of a sequence in which `id` was spawned. */
export function spawned(state: State, by: Sequence, id: string): Fork | undefined {
  return by.forks.map((fork) => forkOf(state, fork)).find((fork) => threadsOf(state, fork)[0]?.name === id);
}

/** The text in which the sequence's plan stands; undefined where nothing opened it. */
function planText({ dialect: { plan }, trie, vocabulary }: State, { scope, head }: Sequence): string | undefined {
  if (plan.source !== "outline") return undefined;
  const own = textBetween(trie, scope, head);
  if (plan.after === "") return own;
  const opener = lastMarker(trie, scope, head, plan.after, vocabulary.markers[plan.after]);
  return opener === undefined ? undefined : own.slice(opener.end);
}

function maxDepth({ limits, dialect }: State): number {
  return Math.min(limits.depth, dialect.thread.maxDepth);
}

/** The limit that a fork is over. Where another try would be over it too, the sequence is not asked again. */
function refusalOf(state: State, by: Sequence, threads: number): Limit | undefined {
  const { forks } = state;
  const limits = { ...state.limits, depth: maxDepth(state) };
  const used = { threads, forks: forks.length + 1, depth: by.depth + 1 };
  const over = left(limits, used).find(({ amount }) => amount < 0);
  if (over !== undefined && over.limit !== "threads") by.forksUsedUp = state.dialect.onForkRefused === "continue";
  return over?.limit;
}

function describeLimit(state: State, limit: Limit): string {
  if (limit === "threads") return `${state.limits.threads} threads a fork`;
  return limit === "forks" ? `${state.limits.forks} forks a run` : `${maxDepth(state)} levels of threads`;
}

function createFork(state: State, by: Sequence, position: Position): Fork {
  const fork: Fork = {
    id: state.forks.length,
    by: by.id,
    forkId: `${by.threadId}/${by.forks.length + 1}`,
    position,
    threads: [],
    pending: 0,
    joined: false,
  };
  state.forks.push(fork);
  by.forks.push(fork.id);
  return fork;
}

function addThread(state: State, fork: Fork, { captures, text }: PlanItem, critical: number): void {
  const by = sequenceOf(state, fork.by);
  const index = fork.threads.length;
  const extendsParent = state.dialect.context.kind === "prefix";
  const thread = addSequence(state, {
    parent: { sequence: by.id, fork: fork.id, index },
    threadId: `${fork.forkId}.${index + 1}`,
    name: captures["id"] ?? `${index + 1}`,
    plan: text,
    captures,
    depth: by.depth + 1,
    head: rootOf(state, fork, captures) ?? fork.position,
    source: extendsParent && by.source ? { call: by.source.call, shared: fork.position } : undefined,
    critical,
  });
  fork.threads.push(thread.id);
}

/** Where a thread begins to write: after its header, or after a prompt of its own. */
function rootOf(state: State, fork: Fork, captures: Readonly<Record<string, string>>): Position | undefined {
  const { dialect, trie } = state;
  const { context } = dialect;
  if (context.kind === "prefix") {
    const text = fill(context.header.prompt, captures);
    return text === "" ? undefined : append(trie, fork.position, { by: "runtime", why: "header" }, [{ text }]);
  }
  const view = { text: "", history: textBetween(trie, undefined, fork.position), captures, threads: [] };
  if (context.kind === "text") {
    const text = render(dialect, context.text, view);
    return text === undefined ? undefined : append(trie, null, { by: "prompt" }, [{ text }]);
  }
  const chat = context.messages.map(({ role, content }) => ({ role, content: render(dialect, content, view) ?? "" }));
  const prefill = context.prefill === undefined ? undefined : render(dialect, context.prefill, view);
  return append(trie, null, { by: "prompt" }, [prefill === undefined ? { chat } : { chat, prefill }]);
}

function startThreads(state: State, fork: Fork): void {
  fork.pending = fork.threads.length;
  state.outbox.push({ e: "fork", fork: fork.id });
  for (const thread of threadsOf(state, fork)) {
    if (thread.head !== fork.position || state.dialect.context.kind === "prefix") {
      startCall(state, thread, "body");
      continue;
    }
    const message = `the plan does not say from which text thread ${thread.name} could start`;
    warn(state, thread, "thread-not-started", message);
    endSequence(state, thread, { kind: "refused", limit: "plan" });
  }
}
