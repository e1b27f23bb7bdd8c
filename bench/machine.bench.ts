import {
  apr,
  asyncthink,
  dcCot,
  multiverse,
  npr,
  parallelR1,
  threadweaver,
  threadweaverConclusion,
} from "../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../src/core/dialects/schema.ts";
import { step } from "../src/core/machine/machine.ts";
import type { Piece } from "../src/core/trie/piece.ts";
import { TextScanner } from "../src/core/scanner/text-scanner.ts";
import { createState } from "../src/core/machine/state.ts";
import type { Input, Vocabulary } from "../src/core/machine/protocol.ts";
import { append, createTrie, columnsOf, segmentOf } from "../src/core/trie/trie.ts";
import { stopSpecFor } from "../src/core/machine/stops.ts";
import { alternate, report } from "./measure.ts";

const tokens = 200_000;
const eos = 100_000;

/** The same stream for all: ordinary tokens, one a piece, as an engine gives them. */
const pieces: Piece[] = Array.from({ length: tokens }, (_, i) => ({
  ids: [i % 5_000],
  text: i % 7 === 0 ? " of" : "sum",
}));

function vocabularyOf(dialect: Dialect): Vocabulary {
  // Some write their tags as ordinary text; the others have one token for each.
  const special = dialect !== apr && dialect !== asyncthink && dialect !== dcCot;
  const markers = special ? dialect.markers.map((marker, i) => [marker, 90_000 + i] as const) : [];
  return { eos: [eos], markers: Object.fromEntries(markers) };
}

/** What no machine could do without: append each piece, and look for the markers where they must be looked for. */
function bare(dialect: Dialect, vocabulary: Vocabulary): () => void {
  return () => {
    const state = createState({ dialect });
    state.vocabulary = vocabulary;
    const stops = stopSpecFor(state, "body", { depth: 0, captures: {}, parent: undefined, calls: 0 }, "forks");
    const scanner = stops.text === undefined ? undefined : new TextScanner(stops.text.program);
    const trie = createTrie();
    const { segment } = append(trie, null, { by: "model", call: 0, threadId: "0", role: "body" }, []);
    let found = 0;
    const ends = new Set([eos]);
    for (const piece of pieces) {
      columnsOf(segmentOf(trie, segment)).push(piece);
      const id = piece.ids?.at(-1) ?? 0;
      if (stops.ids.has(id) || ends.has(id)) found += 1;
      if (scanner !== undefined) found += scanner.push(piece.text ?? "").length;
    }
    if (found < 0) throw new Error("unreachable: keeps the loop from being optimised away");
  };
}

function machine(dialect: Dialect, vocabulary: Vocabulary): () => void {
  const inputs: Input[] = pieces.map((piece) => ({ t: "pieces", at: 0, call: 0, pieces: [piece] }));
  return () => {
    const state = createState({ dialect });
    step(state, { at: 0, t: "start", prompt: { ids: [1], text: "q" }, vocabulary });
    for (const input of inputs) step(state, input);
  };
}

export async function machineBench(): Promise<void> {
  for (const dialect of [threadweaver, threadweaverConclusion, parallelR1, npr, multiverse, dcCot, apr, asyncthink]) {
    const vocabulary = vocabularyOf(dialect);
    // Many short rounds: some of them fall between what else the machine does.
    const variants = { bare: bare(dialect, vocabulary), machine: machine(dialect, vocabulary) };
    const ms = await alternate(variants, { rounds: 25 });
    const { bare: base = 1, machine: own = 0 } = ms;
    const ns = (time: number) => `${((time * 1e6) / tokens).toFixed(0)} ns`;
    const text = `${(own / base).toFixed(2)} (${ns(own)} / ${ns(base)})`;
    report(`machine a token, over scanner and append: ${dialect.name}`, text, "goal <= 2");
  }
}
