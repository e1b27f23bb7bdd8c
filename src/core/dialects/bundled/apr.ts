import { defineDialect } from "../dialect.ts";
import type { Dialect, View } from "../schema.ts";

/**
 * Adaptive Parallel Reasoning (arXiv 2504.15466), in its version for Countdown puzzles. The model ends its text with a
 * block of sub-searches; each runs from a fresh prompt, and a block of their results replaces the calls.
 *
 * It needs the authors' model or one trained on the same traces, and an engine that continues any text. Its functions
 * read the nodes of a Countdown search, so another task needs functions of its own.
 */
export const apr: Dialect = defineDialect({
  name: "apr",
  version: 1,
  summary:
    "Adaptive Parallel Reasoning (arXiv 2504.15466, Countdown): sub-searches from fresh prompts, only results return.",
  threadKind: "subtasks",
  exact: { kind: "exact", tokens: "reencoded", why: "the authors send text, and rewrite the call block in it" },
  trained: "text",
  differences: [
    "A call block without a readable sub-search ends the run; a sub-search of an unknown node has no solution.",
  ],
  markers: ["<Calling Sub Searches>", "<End Calling Sub Searches>", "<Sub Searches>", "<End Sub Searches>"],
  trigger: {
    kind: "endOfText",
    lastLine: "<End Calling Sub Searches>",
    // The model may never write results itself.
    guard: { marker: "<Sub Searches>", put: "<Calling Sub Searches>" },
  },
  plan: {
    source: "outline",
    after: "<Calling Sub Searches>",
    item: "<Start Sub Search {n:int} at level 1> Moving to Node #{id:word}",
    onEmpty: "end",
  },
  onForkRefused: "end",
  context: { kind: "text", text: { fn: "countdownNode" } },
  thread: { stop: [], close: "", tailTokens: 0, maxDepth: 1 },
  onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
  join: {
    shape: "replaceBlock",
    from: "<Calling Sub Searches>",
    open: "<Sub Searches>\n",
    each: {
      some: "<Goal Reached in Sub Search {n} at level 1 at Node #{id}>\n{return}\n",
      none: "<No Solution in Sub Search {n} at level 1 at Node #{id}>\n",
    },
    close: "<End Sub Searches>\n",
  },
  after: { kind: "continue" },
  returns: { fn: "goalPath" },
  dropFinalLineFeed: true,
  functions: { countdownNode, goalPath },
});

interface CountdownNode {
  state: string;
  operations: readonly string[];
}

const moving = /Moving to Node #([A-Za-z0-9_.,-]+)\nCurrent State: (-?\d+:\[[^\]\n]*\]), Operations: \[([^\]\n]*)\]/g;
const generated = /Generated Node #([A-Za-z0-9_.,-]+): (-?\d+:\[[^\]\n]*\]) Operation: (\S+)/g;

/** The prompt of a sub-search, rebuilt from the nodes that the parent wrote. It sees nothing else of its parent. */
export function countdownNode({ history, captures }: View): string | undefined {
  const nodes = new Map<string, CountdownNode>();
  const lines = [...history.matchAll(moving), ...history.matchAll(generated)].sort((a, b) => a.index - b.index);
  for (const [whole, id = "", state = "", rest = ""] of lines) {
    if (whole.startsWith("Moving")) {
      nodes.set(id, { state, operations: rest.split(",").flatMap((op) => op.trim().slice(1, -1) || []) });
    } else {
      const parent = nodes.get(id.slice(0, Math.max(0, id.lastIndexOf(","))));
      nodes.set(id, { state, operations: [...(parent?.operations ?? []), rest] });
    }
  }
  const id = captures["id"] ?? "";
  const node = nodes.get(id);
  if (node === undefined) return undefined;
  const operations = node.operations.map((operation) => `'${operation}'`).join(", ");
  return `${budgetOf(history)}Moving to Node #${id}\nCurrent State: ${node.state}, Operations: [${operations}]`;
}

/** A token budget before the prompt is passed on unchanged; a budget of sub-calls is not. */
function budgetOf(history: string): string {
  const firstLine = history.slice(0, history.indexOf("\n"));
  const at = firstLine.indexOf("Moving to Node");
  return at > 0 && firstLine.startsWith("Token Budget: ") ? firstLine.slice(0, at) : "";
}

const goal = "Goal Reached";

/**
 * What a sub-search returns. A model writes a goal that it found twice, and the path to it follows the first of the
 * two. The one character after the goal and white space at the end are not part of the path.
 */
export function goalPath({ text }: View): string | undefined {
  const last = text.lastIndexOf(goal);
  const before = last <= 0 ? -1 : text.lastIndexOf(goal, last - 1);
  return before < 0
    ? undefined
    : text
        .slice(before)
        .trimEnd()
        .slice(goal.length + 1);
}
