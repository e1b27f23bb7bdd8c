import type { Piece } from "../src/core/trie/piece.ts";
import { append, createTrie, type Position, type Trie } from "../src/core/trie/trie.ts";
import { idsOf, path } from "../src/core/trie/path.ts";
import { alternate, reachable, report } from "./measure.ts";

const tokens = 40_960;
const pieces: Piece[] = Array.from({ length: tokens }, (_, id) => ({ ids: [id % 269], text: "x" }));

/** A trajectory as long as the authors train on, in segments of 512. */
function build(): { trie: Trie; end: Position } {
  const trie = createTrie();
  let end: Position | null = null;
  for (let at = 0; at < tokens; at += 512) {
    end = append(trie, end, { by: "model", call: 0, threadId: "0", role: "body" }, []);
    const segment = trie.segments.at(-1);
    for (let i = at; i < at + 512; i += 1) segment?.pieces?.push(pieces[i] ?? {});
    end = { segment: end.segment, n: 512 };
  }
  if (end === null) throw new Error("nothing was built");
  return { trie, end };
}

/** Bytes that a token takes in the trie beside its text, while its segment still grows. */
function bytesPerToken(): number {
  const many = 1_000_000;
  const trie = createTrie();
  append(trie, null, { by: "model", call: 0, threadId: "0", role: "body" }, []);
  const columns = trie.segments[0]?.pieces;
  const before = reachable();
  for (let i = 0; i < many; i += 1) columns?.push({ ids: [i % 50_000], text: "four" });
  const bytes = reachable() - before - "four".length * many;
  if (columns?.length !== many) throw new Error("nothing was appended");
  return bytes / many;
}

export async function trieBench(): Promise<void> {
  report("trie: bytes a token beside its text", bytesPerToken().toFixed(1), "goal <= 16");
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
