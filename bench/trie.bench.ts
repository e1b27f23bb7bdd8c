import type { Piece } from "../src/core/trie/piece.ts";
import { append, createTrie, idsOf, path, type Position, type Trie } from "../src/core/trie/trie.ts";
import { alternate, report } from "./measure.ts";

const tokens = 40_960;
const pieces: Piece[] = Array.from({ length: tokens }, (_, id) => ({ ids: [id % 269], text: "x" }));

/** A trajectory as long as the authors train on, in segments of 512. */
function build(): { trie: Trie; end: Position } {
  const trie = createTrie();
  let end: Position | null = null;
  for (let at = 0; at < tokens; at += 512) {
    end = append(trie, end, { by: "model", call: 0 }, []);
    const segment = trie.segments.at(-1);
    for (let i = at; i < at + 512; i += 1) segment?.pieces.push(pieces[i] ?? {});
    end = { segment: end.segment, n: 512 };
  }
  if (end === null) throw new Error("nothing was built");
  return { trie, end };
}

export async function trieBench(): Promise<void> {
  const { trie, end } = build();
  const ids = pieces.flatMap((piece) => piece.ids ?? []);
  const ms = await alternate({
    append: build,
    path: () => path(trie, end),
    ids: () => idsOf(trie, end),
    "array copy": () => ids.slice().map((id) => id),
  });
  const per = (name: string) => `${(((ms[name] ?? 0) * 1e6) / tokens).toFixed(1)} ns/token`;
  report("trie: append 40,960 tokens", per("append"));
  report("trie: path of the last of them", per("path"));
  report("trie: ids of the last of them (what is sent)", per("ids"), `copying an array of ids: ${per("array copy")}`);
}
