import type { Effect, Input } from "../../core/machine/protocol.ts";
import {
  callOf,
  endingOf,
  forkOf,
  sequenceOf,
  threadsOf,
  type CallId,
  type Sequence,
  type State,
} from "../../core/machine/state.ts";
import { spliceHeader } from "../../core/machine/join.ts";
import { currentHead, sequenceText } from "../../core/measures/display.ts";
import { textBetween } from "../../core/trie/path.ts";
import {
  columnsOf,
  commonAncestor,
  segmentOf,
  sourcesOf,
  stretches,
  type Position,
  type Segment,
} from "../../core/trie/trie.ts";
import { eventsVersion, type RunEvent, type ThreadSnapshot } from "../events.ts";
import type { RunHeader } from "../recorder.ts";
import type { RunWarning } from "../result.ts";
import { roundMs, threadInfo } from "../thread-info.ts";

type Untimed = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, "at"> : never) : never;
type By = Extract<RunEvent, { type: "text" }>["by"];

/**
 * Reports what a step has changed. The text of a sequence is what lies between its beginning and where it stands: after
 * each step, what was reported before is compared with the trie. So what is reported is always the text, whatever was
 * cut, closed, joined or rewritten on the way.
 */
export class Reporter {
  readonly #state: State;
  readonly #began: () => number;
  readonly #publish: (event: RunEvent) => void;
  readonly #areTextsHeard: () => boolean;
  /** How far the text of each sequence was reported; undefined where that is its beginning, which may move. */
  readonly #reported: (Position | undefined)[] = [];
  readonly #answered = new Set<CallId>();
  #header: RunHeader | undefined;

  /**
   * @param began says when the run began, by the clock that its inputs' times come from.
   * @param areTextsHeard whether anyone gets the texts. Who comes after a time without must call `skip`.
   */
  constructor(
    state: State,
    began: () => number,
    publish: (event: RunEvent) => void,
    areTextsHeard: () => boolean = () => true,
  ) {
    this.#state = state;
    this.#began = began;
    this.#publish = publish;
    this.#areTextsHeard = areTextsHeard;
  }

  /** From now on only new text is reported; `catchUp` has the rest. */
  skip(): void {
    for (const sequence of this.#state.sequences) this.#note(sequence, currentHead(this.#state, sequence));
  }

  /** How far everything is, as one event. The run has begun. */
  catchUp(): RunEvent {
    const main = sequenceOf(this.#state, 0);
    const threads = this.#state.sequences.slice(1).map((thread): ThreadSnapshot => {
      const ending = endingOf(thread);
      const text = sequenceText(this.#state, thread);
      return { ...threadInfo(this.#state, thread), text, tokens: thread.tokens, ...(ending && { ending }) };
    });
    const text = sequenceText(this.#state, main);
    return { type: "catch-up", at: this.#at, version: eventsVersion, text, tokens: main.tokens, threads };
  }

  /** The run begins: with its first input. */
  begin(header: RunHeader): void {
    this.#header = header;
  }

  /** Reports one step. */
  report(input: Input, effects: readonly Effect[]): void {
    if (input.t === "start") this.#start();
    if (input.t === "warned") this.#warned(input);
    if (input.t === "sent") this.#callStart(input);
    if (input.t === "broke") this.#callRetry(input);
    if (input.t === "pieces" || input.t === "reasoned") this.#firstToken(input.call);
    if (input.t === "reasoned") this.#reasoned(input);
    for (const effect of effects) this.#effect(effect);
    if (input.t === "pieces") this.#text(sequenceOf(this.#state, callOf(this.#state, input.call).sequence));
    for (const id of this.#state.moved) this.#text(sequenceOf(this.#state, id));
    if (input.t === "ended") this.#callEnd(input);
  }

  #start(): void {
    if (this.#header === undefined) return;
    const { dialect, mode, engine, seed, promptTokens, metadata } = this.#header;
    const { model } = engine;
    const { limits } = this.#state;
    const own = { dialect: dialect.name, mode, model, seed, promptTokens, limits, ...(metadata && { metadata }) };
    this.#emit({ type: "run-start", version: eventsVersion, ...own });
  }

  #warned({ code, message, threadId }: Extract<Input, { t: "warned" }>): void {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a record may be of a version that had another
    this.#emit({ type: "warning", code: code as RunWarning["code"], message, threadId });
  }

  #reasoned({ call, text }: Extract<Input, { t: "reasoned" }>): void {
    const { sequence, ending } = callOf(this.#state, call);
    const { threadId } = sequenceOf(this.#state, sequence);
    if (ending === undefined) this.#emit({ type: "reasoning", call, threadId, text });
  }

  get #at(): number {
    return roundMs(this.#state.now - this.#began());
  }

  #emit(event: Untimed): void {
    this.#publish({ ...event, at: this.#at });
  }

  #effect(effect: Effect): void {
    if (effect.e === "fork") this.#fork(effect.fork);
    if (effect.e === "thread-end") this.#threadEnd(sequenceOf(this.#state, effect.sequence));
    if (effect.e === "join") this.#join(effect.fork, effect.tail);
    if (effect.e === "warning") this.#emit({ type: "warning", ...effect.warning });
  }

  #fork(id: number): void {
    const fork = forkOf(this.#state, id);
    const by = sequenceOf(this.#state, fork.by);
    this.#text(by);
    const threads = threadsOf(this.#state, fork);
    const { forkId } = fork;
    const criticalPath = threads[0]?.critical ?? 0;
    this.#emit({ type: "fork", forkId, threadId: by.threadId, threads: threads.length, criticalPath });
    const { context } = this.#state.dialect;
    for (const thread of threads) {
      const isBranch = context.kind === "prefix" || context.kind === "given";
      const header = isBranch ? textBetween(this.#state.trie, fork.position, thread.body) : "";
      const splice = spliceHeader(this.#state, thread);
      this.#emit({ type: "thread-start", ...threadInfo(this.#state, thread), header, splice });
    }
  }

  #threadEnd(thread: Sequence): void {
    this.#text(thread);
    const { threadId, tokens, critical, startedAt, endedAt = startedAt } = thread;
    const ending = endingOf(thread);
    if (ending === undefined) return;
    const ms = roundMs(endedAt - startedAt);
    this.#emit({ type: "thread-end", threadId, ending, tokens, criticalPath: critical, ms });
  }

  #join(id: number, tail: string): void {
    const { forkId, by: parent } = forkOf(this.#state, id);
    const by = sequenceOf(this.#state, parent);
    this.#emit({ type: "join", forkId, threadId: by.threadId, tail, criticalPath: by.critical });
    this.#text(by);
  }

  #callStart({ call: id, attempt, promptTokens }: Extract<Input, { t: "sent" }>): void {
    const call = callOf(this.#state, id);
    const { threadId } = sequenceOf(this.#state, call.sequence);
    const { role, callIndex } = call;
    this.#emit({ type: "call-start", call: id, threadId, role, callIndex, attempt, promptTokens });
  }

  #callRetry({ call: id, attempt, code, message, status, waitMs }: Extract<Input, { t: "broke" }>): void {
    const { threadId } = sequenceOf(this.#state, callOf(this.#state, id).sequence);
    const known = status === undefined ? {} : { status };
    this.#emit({ type: "call-retry", call: id, threadId, attempt, code, message, ...known, waitMs });
  }

  #firstToken(id: number): void {
    if (this.#answered.has(id)) return;
    this.#answered.add(id);
    const { threadId } = sequenceOf(this.#state, callOf(this.#state, id).sequence);
    this.#emit({ type: "call-first-token", call: id, threadId });
  }

  #callEnd({ call: id, usage }: Extract<Input, { t: "ended" }>): void {
    const { ending, tokens, wasted, sequence } = callOf(this.#state, id);
    if (ending === undefined) return;
    const { threadId } = sequenceOf(this.#state, sequence);
    const cached = usage?.cachedTokens === undefined ? {} : { cachedTokens: usage.cachedTokens };
    this.#emit({ type: "call-end", call: id, threadId, ending, tokens, wasted, ...cached });
  }

  /** What has changed in the text of a sequence since the last report. */
  #text(sequence: Sequence): void {
    if (!this.#areTextsHeard()) return;
    const { trie } = this.#state;
    const from = this.#reported[sequence.id] ?? sequence.body;
    const to = currentHead(this.#state, sequence);
    this.#note(sequence, to);
    if (from.segment === to.segment && from.n <= to.n) {
      const segment = segmentOf(trie, to.segment);
      if (segment.pieces !== undefined) {
        this.#change(sequence, 0, segment.pieces.text(from.n, to.n), ownerOf(segment, sequence));
        return;
      }
    }
    const common = commonAncestor(trie, from, to);
    let removed = textBetween(trie, common, from);
    for (const { text, by } of this.#written(sequence, common, to)) {
      const same = commonLength(removed, text);
      // The kept part of a piece that was cut was reported as part of that piece: it has not changed.
      const isKept = same === text.length;
      if (isKept) removed = removed.slice(same);
      else {
        this.#change(sequence, removed.length - same, text.slice(same), by);
        removed = "";
      }
    }
    this.#change(sequence, removed.length, "", "runtime");
  }

  #note({ id, body }: Sequence, at: Position): void {
    this.#reported[id] = at.segment === body.segment && at.n === body.n ? undefined : at;
  }

  /** The texts between two positions, those of one writer made one. */
  #written(sequence: Sequence, from: Position, to: Position): { text: string; by: By }[] {
    const { trie } = this.#state;
    const written: { text: string; by: By }[] = [];
    for (const stretch of stretches(trie, to, from)) {
      const by = ownerOf(stretch.segment, sequence);
      const text = sourcesOf(trie, stretch)
        .map(({ segment, start, end }) => columnsOf(segment).text(start, end))
        .join("");
      const last = written.at(-1);
      if (last?.by === by) last.text += text;
      else if (text !== "") written.push({ text, by });
    }
    return written;
  }

  #change({ threadId, tokens }: Sequence, removed: number, inserted: string, by: By): void {
    if (removed > 0 || inserted !== "") this.#emit({ type: "text", threadId, removed, inserted, by, tokens });
  }
}

/** Who put a segment into the text of a sequence. The first thread's own segments are spliced into its parent as they are. */
function ownerOf({ maker }: Segment, { threadId }: Sequence): By {
  if (maker.by === "model") return maker.threadId === threadId ? "model" : "copy";
  if (maker.by === "cut") return "model";
  return maker.by === "copy" ? "copy" : "runtime";
}

function commonLength(a: string, b: string): number {
  let n = 0;
  // Past the end it is NaN, which equals nothing.
  while (a.charCodeAt(n) === b.charCodeAt(n)) n += 1;
  // Never between the two halves of one character.
  const last = a.charCodeAt(n - 1);
  return last >= 0xd800 && last < 0xdc00 ? n - 1 : n;
}
