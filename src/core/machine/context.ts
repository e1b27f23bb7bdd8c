import type { Dialect } from "../dialects/schema.ts";
import { callFunction, fill, render } from "../dialects/template.ts";
import { textBetween } from "../trie/path.ts";
import { append, rootOf, type Position } from "../trie/trie.ts";
import type { PlanItem } from "./plan.ts";
import { forkOf, isLost, sequenceOf, threadsOf, type Fork, type State } from "./state.ts";

type Context<K> = Extract<Dialect["context"], { kind: K }>;

/** Where a thread starts to generate: after its header, or after its own prompt. Undefined: where its parent stands. */
export function contextOf(state: State, fork: Fork, { captures, branch }: PlanItem): Position | undefined {
  const { dialect, trie } = state;
  const { context } = dialect;
  if (context.kind === "given") {
    return branch && append(trie, fork.position, { by: "runtime", why: "header" }, [branch.context]);
  }
  if (context.kind === "prefix") {
    const text = fill(context.header.prompt, captures);
    return text === "" ? undefined : append(trie, fork.position, { by: "runtime", why: "header" }, [{ text }]);
  }
  if (context.kind === "prompt") return laterPrompt(state, fork, context);
  const view = { text: "", history: textBetween(trie, undefined, fork.position), captures, threads: [] };
  if (context.kind === "text") {
    const text = render(dialect, context.text, view);
    return text === undefined ? undefined : append(trie, null, { by: "prompt" }, [{ text }]);
  }
  const chat = context.messages.map(({ role, content, trusted }) => ({
    role,
    content: render(dialect, content, view) ?? "",
    ...(trusted === true && { trusted }),
  }));
  const prefill = context.prefill === undefined ? undefined : render(dialect, context.prefill, view);
  return append(trie, null, { by: "prompt" }, [prefill === undefined ? { chat } : { chat, prefill }]);
}

/** Whether threads of a fork may go on right where their parent stands. Others cannot start without a prompt. */
export function startsWhereParentStands(state: State, { id, by }: Fork): boolean {
  const { context } = state.dialect;
  const isFirst = sequenceOf(state, by).forks[0] === id;
  return context.kind === "prefix" || (context.kind === "prompt" && isFirst);
}

/** The prompt of an attempt after the first round: what is made of the question takes its place. */
function laterPrompt(state: State, fork: Fork, { later }: Context<"prompt">): Position | undefined {
  const { dialect, trie } = state;
  const { forks } = sequenceOf(state, fork.by);
  const last = forks[forks.length - 2];
  if (last === undefined || later === undefined) return undefined;
  const threads = threadsOf(state, forkOf(state, last)).map((thread) => ({
    captures: thread.captures,
    text: isLost(thread) ? "" : textBetween(trie, thread.body, thread.head),
  }));
  const { chat } = rootOf(trie, fork.position);
  const at = chat?.findLastIndex(({ role }) => role === "user") ?? -1;
  const text = chat?.[at]?.content ?? textBetween(trie, undefined, fork.position);
  const content = callFunction(dialect, later.fn, { text, history: "", captures: {}, threads });
  if (content === undefined) return undefined;
  if (chat === undefined) return append(trie, null, { by: "prompt" }, [{ text: content }]);
  const asked = { role: "user", content };
  return append(trie, null, { by: "prompt" }, [{ chat: at < 0 ? [...chat, asked] : chat.with(at, asked) }]);
}
