import type { RunEnding } from "../../core/machine/ending.ts";
import type { RunEvent, ThreadPlace } from "../../run/events.ts";

/** A sequence as it is watched: main, or a thread. */
export interface Node {
  readonly name: string;
  /** The last of its text: more than any line shows. */
  tail: string;
  tokens: number;
  ending: RunEnding | undefined;
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

/** Brings a tree up to date. What an event says of a thread that was never heard of is passed over. */
export function update(tree: Tree, event: RunEvent): void {
  switch (event.type) {
    case "catch-up":
      extend(tree.main, event.text, 0);
      for (const thread of event.threads) {
        const node = addThread(tree, thread);
        extend(node, thread.text, thread.tokens);
        node.ending = thread.ending;
      }
      break;
    case "thread-start":
      addThread(tree, event);
      break;
    case "delta":
      extend(tree.nodes.get(event.id), event.text, event.tokens);
      break;
    case "thread-end":
      endThread(tree.nodes.get(event.id), event);
      break;
    case "join":
      join(tree, event);
      break;
    case "run-end":
      tree.main.ending = event.result.ending;
      break;
    case "run-start":
    case "fork":
    case "warning":
      break;
  }
}

function createNode(name: string): Node {
  return { name, tail: "", tokens: 0, ending: undefined, forks: [] };
}

function addThread(tree: Tree, { id, fork: forkId, parent, name }: ThreadPlace): Node {
  const node = createNode(name);
  tree.nodes.set(id, node);
  let fork = tree.forks.get(forkId);
  if (fork === undefined) {
    fork = { id: forkId, threads: [], joined: false };
    tree.forks.set(forkId, fork);
    tree.nodes.get(parent)?.forks.push(fork);
  }
  fork.threads.push(node);
  return node;
}

function extend(node: Node | undefined, text: string, tokens: number): void {
  if (node === undefined) return;
  node.tail = (node.tail + text).slice(-kept);
  node.tokens += tokens;
}

function endThread(node: Node | undefined, { ending, tokens }: { ending: RunEnding; tokens: number }): void {
  if (node === undefined) return;
  node.ending = ending;
  node.tokens = tokens;
}

function join(tree: Tree, { id, parent, removed, inserted }: Extract<RunEvent, { type: "join" }>): void {
  const fork = tree.forks.get(id);
  if (fork !== undefined) fork.joined = true;
  const node = tree.nodes.get(parent);
  if (node !== undefined)
    node.tail = (node.tail.slice(0, Math.max(0, node.tail.length - removed)) + inserted).slice(-kept);
}
