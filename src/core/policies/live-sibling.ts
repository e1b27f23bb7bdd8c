import { isDone, isLoss, type RunEnding } from "../machine/ending.ts";
import { callOf, endingOf, type CallId, type Sequence, type State } from "../machine/state.ts";
import { chainTo } from "../measures/chain.ts";
import { sequenceText } from "../measures/display.ts";
import { columnsOf, segmentOf } from "../trie/trie.ts";
import { ConfidenceWindow } from "./confidence.ts";
import type { PolicyNeeds, Sibling } from "./policy.ts";

export interface SiblingSetup {
  /** Of the machine. */
  readonly state: State;
  readonly needs: PolicyNeeds;
  /** Finds the answer in the text of an attempt; undefined where there is none. */
  readonly answerIn: (text: string) => string | undefined;
}

/** A thread as policies see it. Everything is read from the machine's state when it is asked for. */
export class LiveSibling implements Sibling {
  readonly index: number;
  readonly sequence: Sequence;
  readonly confidence: ConfidenceWindow | undefined;
  readonly #setup: SiblingSetup;
  readonly #criticalAtFork: number;
  #begunAt: number | undefined;
  #found: { answer: string | undefined } | undefined;
  /** The call whose pieces are being counted, and how many of them were. */
  #counted: { call: CallId; pieces: number } | undefined;

  constructor(setup: SiblingSetup, sequence: Sequence, index: number) {
    this.#setup = setup;
    this.sequence = sequence;
    this.index = index;
    this.#criticalAtFork = sequence.critical;
    const { confidence } = setup.needs;
    this.confidence = confidence && new ConfidenceWindow(confidence.window);
  }

  get threadId(): string {
    return this.sequence.threadId;
  }

  get name(): string {
    return this.sequence.name;
  }

  get ending(): RunEnding | undefined {
    return endingOf(this.sequence);
  }

  get hasBegun(): boolean {
    return this.#begunAt !== undefined;
  }

  get isDone(): boolean {
    const { ending } = this;
    return ending !== undefined && isDone(ending);
  }

  get tokens(): number {
    return this.sequence.tokens;
  }

  get criticalTokens(): number {
    return chainTo(this.#setup.state, this.sequence) - this.#criticalAtFork;
  }

  get ms(): number {
    return this.#begunAt === undefined ? 0 : (this.sequence.endedAt ?? this.#setup.state.now) - this.#begunAt;
  }

  get text(): string {
    return sequenceText(this.#setup.state, this.sequence);
  }

  get answer(): string | undefined {
    const { ending } = this;
    if (ending === undefined || isLoss(ending)) return undefined;
    this.#found ??= { answer: this.#setup.answerIn(this.text) };
    return this.#found.answer;
  }

  /** Its first request has gone out. @returns whether that is news. */
  begin(): boolean {
    if (this.#begunAt !== undefined) return false;
    this.#begunAt = this.#setup.state.now;
    return true;
  }

  /** Tokens have come for a call of its own. What came after the ending of the call counts for nothing. */
  count(id: CallId): void {
    if (this.confidence === undefined) return;
    const { state } = this.#setup;
    const segment = segmentOf(state.trie, callOf(state, id).segment);
    const columns = columnsOf(segment);
    let n = this.#counted?.call === id ? this.#counted.pieces : 0;
    for (const end = segment.sampled ?? columns.length; n < end; n += 1) {
      for (const one of columns.confidences(n)) this.confidence.push(one);
    }
    this.#counted = { call: id, pieces: n };
  }
}
