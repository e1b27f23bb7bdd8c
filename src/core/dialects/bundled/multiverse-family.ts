import type { DialectInput } from "../schema.ts";

/** What the formats of the family call their parts, without brackets. */
interface PartNames {
  /** The list of what is to be done. */
  readonly list: string;
  /** One item of it. */
  readonly item: string;
  readonly thread: string;
  /** What the model writes after the threads. */
  readonly summary: string;
}

/**
 * What Multiverse and its descendants share, whatever they call their tags: a numbered list, a thread for each item that
 * may fork again, then a summary that the runtime opens and the model writes.
 */
export function multiverseFamily({ list, item, thread, summary }: PartNames) {
  const header = `<${thread}>\n{id}:`;
  return {
    version: 1,
    threadKind: "subtasks",
    exact: {
      kind: "untilJoin",
      tokens: "kept",
      why: "in the authors' engine threads share positions and never see each other; a stock engine reads them one after the other",
    },
    trained: "tokens",
    trigger: { kind: "marker", marker: `</${list}>` },
    plan: {
      source: "outline",
      after: `<${list}>`,
      item: `<${item}>~{id:dotted}~:`,
      tags: [`<${item}>`, `</${item}>`],
      onEmpty: "continue",
    },
    onForkRefused: "continue",
    context: { kind: "prefix", header: { prompt: `\n${header}`, first: `\n${header}`, rest: header } },
    thread: {
      stop: [`</${thread}>`],
      close: `\n</${thread}>\n`,
      // Normally a line feed, so the header puts none between the threads.
      tailTokens: 1,
      maxDepth: 5,
    },
    onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
    join: { shape: "append", tail: `<${summary}>\n`, endTail: "" },
    after: { kind: "continue" },
  } as const satisfies Partial<DialectInput>;
}

/** The opening and the closing tag of each name. */
export function tagPairs(...names: readonly string[]): string[] {
  return names.flatMap((name) => [`<${name}>`, `</${name}>`]);
}
