import { deserializeTrie } from "../../src/core/trie/serialize.ts";
import { idsOf } from "../../src/core/trie/path.ts";
import { columnsOf, type Segment, type Trie } from "../../src/core/trie/trie.ts";
import type { State } from "../../src/core/machine/state.ts";
import type { RunTree } from "../../src/run/result.ts";
import type { ByteTokenizer } from "../../src/testing/index.ts";
import { readAnswer } from "./answer-read.ts";
import { faultOf } from "./faults.ts";
import type { Book, BookedRequest } from "./ledger.ts";

export interface TokenCheck {
  tree: RunTree;
  book: Book;
  tokenizer: ByteTokenizer;
  /** A machine that was fed with the record of the run. Undefined where its recorder threw. */
  shadow: State | undefined;
  /** Whether servers go on after markers, so that what comes after one need not be in the trie. */
  runsOn: boolean;
}

/**
 * Tokens in the trie = tokens that the server sent and the client read. For each call, with its attempts in order:
 *
 * 1. What the client read of an attempt is what the server said to it, from its first token on (unless the fault is that
 *    it says something else).
 * 2. The first attempt's prompt is the trie's context of the call, and each further one is that and all that was read
 *    before it: so nothing is asked for twice, and nothing is left out.
 * 3. The tokens of the call in the trie are all that was read by all its attempts, in order. Of a call that was cut (by
 *    its caller, or because the run ended) they are the beginning of that.
 * 4. The text of the call in the trie is that of its tokens.
 * 5. There is no attempt that the trie does not know.
 */
export function checkTokens(check: TokenCheck): string[] {
  const trie = deserializeTrie(check.tree);
  const calls = trie.segments.filter(({ maker }) => maker.by === "model");
  const known = new Set(calls.flatMap(({ origins }) => origins.map(({ seed }) => seed)));
  const unknown = check.book.requests.filter(({ seed }) => !known.has(seed));
  return [
    ...unknown.map(({ place, seed }) => `a request at ${place} (seed ${seed}) is of no call in the trie`),
    ...calls.flatMap((call) => checkCall(call, trie, check).map((problem) => `${nameOf(call)}: ${problem}`)),
  ];
}

function nameOf({ maker }: Segment): string {
  return maker.by === "model" ? `call ${maker.call} of thread ${maker.threadId}` : maker.by;
}

function checkCall(segment: Segment, trie: Trie, check: TokenCheck): string[] {
  const { book, tokenizer, shadow, runsOn } = check;
  const columns = columnsOf(segment);
  if (columns.withoutIds > 0) return ["tokens without ids"];
  const ids = [...columns.idRange(0, columns.length)];
  const problems: string[] = [];
  const context = segment.parent === null ? { ids: [] } : idsOf(trie, segment.parent);
  const before = "ids" in context ? context.ids : [];
  const read: number[] = [];
  let isUnseen = false;
  let isAltered = false;
  for (const { seed, attempt } of segment.origins) {
    const requests = book.requests.filter((request) => request.seed === seed);
    for (const request of requests) {
      const fault = request.hasStruck && request.fault !== undefined ? faultOf(request.fault) : undefined;
      isUnseen ||= fault?.unseen === true;
      isAltered = fault?.altered === true;
      if (!isSame(request.prompt, [...before, ...read])) {
        problems.push(`attempt ${attempt} does not go on from where the one before it ended`);
      }
      const came = readAnswer(request, tokenizer);
      if (!isAltered && !isBeginning(came.ids, sayable(request, tokenizer))) {
        problems.push(`attempt ${attempt} read ${show(came.ids)}, and the server said ${show(request.said ?? [])}`);
      }
      for (const id of came.ids) read.push(id);
    }
  }
  const ending = segment.maker.by === "model" ? shadow?.calls[segment.maker.call]?.ending : undefined;
  const isCut = isUnseen || ending === undefined || ending.kind === "cut" || (runsOn && ending.kind === "marker");
  const isLimit = ending?.kind === "length" && ending.limit !== "context" && ending.limit !== "engine";
  if (!isBeginning(ids, read) || (!isCut && !isLimit && ids.length < read.length)) {
    problems.push(`${show(ids)} in the trie, ${show(read)} read (${ending?.kind ?? "unfinished"})`);
  }
  const text = columns.text(0, columns.length);
  const own = tokenizer.decode(ids.filter((id) => id !== tokenizer.eos));
  if (!isUnseen && text !== own && !own.includes("\uFFFD")) {
    problems.push(`its text is ${JSON.stringify(text)}, and that of its tokens ${JSON.stringify(own)}`);
  }
  return problems;
}

/** What the server may have sent: an end of sequence comes after what was said. */
function sayable({ said = [] }: BookedRequest, { eos }: ByteTokenizer): readonly number[] {
  return [...said, eos];
}

function isBeginning(part: readonly number[], whole: readonly number[]): boolean {
  return part.length <= whole.length && part.every((id, n) => id === whole[n]);
}

function isSame(one: readonly number[], two: readonly number[]): boolean {
  return one.length === two.length && isBeginning(one, two);
}

function show(ids: readonly number[]): string {
  return ids.length > 12 ? `${ids.length} tokens (… ${ids.slice(-8).join(" ")})` : `[${ids.join(" ")}]`;
}
