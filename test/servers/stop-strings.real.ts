import { expect, it } from "vitest";
import type { Piece } from "../../src/core/trie/piece.ts";
import { outcomeOf } from "../engine/support.ts";
import { connect, encode, first, kind } from "./support.ts";

/** The first pieces, up to the one that completes a text. */
function upTo(pieces: readonly Piece[], end: string): Piece[] {
  let text = "";
  return pieces.slice(0, 1 + pieces.findIndex((piece) => (text += piece.text ?? "").includes(end)));
}

// Some end with a token, some inside one: those of control tokens have many characters.
it.skipIf(kind === "llamacpp").each(["products", ".\n<Par", "es>\n<Outline", "</Outl", "\n</Outlines>"])(
  "a stop string ends a call with every token up to the one that completes it: %j",
  async (end) => {
    const engine = await connect();
    const prompt = [256, ...encode(first.prompt)];
    const free = await outcomeOf(engine, { prompt });
    const stopped = await outcomeOf(engine, { prompt, stop: { ids: [], strings: [end] } });
    expect(free.text).toContain(end);
    expect(stopped.error).toBeUndefined();
    expect(stopped.pieces).toEqual(upTo(free.pieces, end));
    expect(stopped.end?.reason).toBe("stop");
    expect(stopped.end?.eos).toBeUndefined();
  },
);
