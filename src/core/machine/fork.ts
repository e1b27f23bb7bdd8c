import { left } from "../limits/limits.ts";
import { lastMarker } from "../trie/locate.ts";
import { textBetween } from "../trie/path.ts";
import type { Position } from "../trie/trie.ts";
import { startCall } from "./call.ts";
import { contextOf, startsWhereParentStands } from "./context.ts";
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

/** Whether a sequence forked, and if not, why. */
export type ForkOutcome = "forked" | "empty" | { refused: Limit };

/**
 * Reads the plan that a sequence has just finished, or that the program gave for it, and starts its threads, if the plan
 * has items and the limits allow it.
 */
export function openFork(state: State, by: Sequence): ForkOutcome {
  const { plan } = state.dialect;
  const { items, problems } = readPlan(plan, planText(state, by), {
    branches: state.branches,
    round: by.forks.length,
  });
  for (const { code, message } of problems) warn(state, by, code, message);
  if (items.length === 0) {
    warn(state, by, "plan-empty", "no item of the plan can be read, so no threads start");
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

/** Starts one thread while its parent continues. If the id is used or the pool is full, there is only a warning. */
export function spawn(state: State, call: Call, at: Position, captures: Readonly<Record<string, string>>): void {
  const by = sequenceOf(state, call.sequence);
  if (by.forksUsedUp) return; // there was a warning when this was found
  const id = captures["id"] ?? "";
  if (spawned(state, by, id) !== undefined) {
    warn(state, by, "plan-duplicate", `${id} was forked before; the first one counts`);
    return;
  }
  // Counts threads that are not joined, not threads that run: so the result does not depend on which one is faster.
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

/** The text that holds the sequence's plan, or undefined if its opening marker is missing. */
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

/**
 * The limit that a fork exceeds. Where a later fork would exceed it too, the sequence is not watched for forks any
 * more.
 */
function refusalOf(state: State, by: Sequence, threads: number): Limit | undefined {
  const { forks } = state;
  const limits = { ...state.limits, depth: maxDepth(state) };
  const used = { threads, forks: forks.length + 1, depth: by.depth + 1 };
  const over = left(limits, used).find(({ amount }) => amount < 0);
  if (over !== undefined && over.limit !== "threads") by.forksUsedUp = state.dialect.onForkRefused === "continue";
  return over?.limit;
}

function describeLimit(state: State, limit: Limit): string {
  if (limit === "threads") return `${state.limits.threads} threads per fork`;
  return limit === "forks" ? `${state.limits.forks} forks per run` : `${maxDepth(state)} levels of threads`;
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
    combined: "no",
  };
  state.forks.push(fork);
  by.forks.push(fork.id);
  return fork;
}

function addThread(state: State, fork: Fork, item: PlanItem, critical: number): void {
  const { captures, text, branch } = item;
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
    head: contextOf(state, fork, item) ?? fork.position,
    // Not up to the fork: where a marker ended inside a token, what was kept of that is no part of the parent's call.
    source: extendsParent ? by.source : undefined,
    critical,
    maxTokens: branch?.maxTokens,
    sampling: branch?.sampling,
  });
  fork.threads.push(thread.id);
}

function startThreads(state: State, fork: Fork): void {
  fork.pending = fork.threads.length;
  state.outbox.push({ e: "fork", fork: fork.id });
  for (const thread of threadsOf(state, fork)) {
    if (thread.head !== fork.position || startsWhereParentStands(state, fork)) {
      startCall(state, thread, "body");
      continue;
    }
    const message = `thread ${thread.name} cannot start, because the dialect's function returned no prompt for it`;
    warn(state, thread, "thread-not-started", message);
    endSequence(state, thread, { kind: "refused", limit: "plan" });
  }
}
