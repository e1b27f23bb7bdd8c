import type { RunEnding } from "../../core/machine/ending.ts";
import type { RunEvent } from "../../run/events.ts";
import type { ThreadInfo } from "../../run/thread-info.ts";

/** A sequence as it is watched: main, or a thread. */
export interface Node {
  readonly name: string;
  /** The last of its text: more than any line shows. */
  tail: string;
  tokens: number;
  ending: RunEnding | undefined;
  /** Its call broke off, and is tried again. */
  isBroken: boolean;
  readonly forks: Fork[];
}

export interface Fork {
  readonly id: string;
  readonly threads: Node[];
  joined: boolean;
}

/** A run as it is watched: follows from its events, whenever one began to listen. */
export interface Tree {
  readonly main: Node;
  readonly nodes: Map<string, Node>;
  readonly forks: Map<string, Fork>;
}

const kept = 512;

export function createTree(): Tree {
  const main = createNode("main");
  return { main, nodes: new Map([["0", main]]), forks: new Map() };
}

/** Brings a tree up to date. Events of unknown threads are ignored. */
export function update(tree: Tree, event: RunEvent): void {
  switch (event.type) {
    case "catch-up":
      change(tree.main, { removed: 0, inserted: event.text, tokens: event.tokens });
      for (const thread of event.threads) {
        const node = addThread(tree, thread);
        change(node, { removed: 0, inserted: thread.text, tokens: thread.tokens });
        node.ending = thread.ending;
      }
      break;
    case "thread-start":
      addThread(tree, event);
      break;
    case "text":
      change(tree.nodes.get(event.threadId), event);
      break;
    case "thread-end":
      endThread(tree.nodes.get(event.threadId), event);
      break;
    case "call-retry":
      broke(tree.nodes.get(event.threadId));
      break;
    case "join":
      joined(tree.forks.get(event.forkId));
      break;
    case "run-end":
      tree.main.ending = event.result.ending;
      break;
    case "run-start":
    case "fork":
    case "warning":
    case "call-start":
    case "call-first-token":
    case "call-end":
      break;
  }
}

function createNode(name: string): Node {
  return { name, tail: "", tokens: 0, ending: undefined, isBroken: false, forks: [] };
}

function addThread(tree: Tree, { threadId, forkId, parentId, name }: ThreadInfo): Node {
  const node = createNode(name);
  tree.nodes.set(threadId, node);
  let fork = tree.forks.get(forkId);
  if (fork === undefined) {
    fork = { id: forkId, threads: [], joined: false };
    tree.forks.set(forkId, fork);
    tree.nodes.get(parentId)?.forks.push(fork);
  }
  fork.threads.push(node);
  return node;
}

interface Change {
  readonly removed: number;
  readonly inserted: string;
  readonly tokens: number;
}

function change(node: Node | undefined, { removed, inserted, tokens }: Change): void {
  if (node === undefined) return;
  const { tail } = node;
  node.tail = (tail.slice(0, Math.max(0, tail.length - removed)) + inserted).slice(-kept);
  node.tokens = tokens;
  node.isBroken = false;
}

function broke(node: Node | undefined): void {
  if (node !== undefined) node.isBroken = true;
}

function endThread(node: Node | undefined, { ending, tokens }: { ending: RunEnding; tokens: number }): void {
  if (node === undefined) return;
  node.ending = ending;
  node.tokens = tokens;
}

function joined(fork: Fork | undefined): void {
  if (fork !== undefined) fork.joined = true;
}
