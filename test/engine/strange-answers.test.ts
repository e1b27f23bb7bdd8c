import { describe, expect, it } from "vitest";
import { ChunkPieces } from "../../src/engine/wire/chunk-pieces.ts";
import type { CompletionEvent } from "../../src/engine/engine.ts";
import { connect, idWays, outcomeOf, requestOf } from "./support.ts";

const stop = 268;

describe.each(idWays)("an id outside the vocabulary, on %s with parts of %i", (kind, coalesce) => {
  it.each([
    ["one that is too large", 9999],
    ["a negative one", -1],
  ])("%s is refused, and all tokens before it are kept", async (_, strange) => {
    const ids = [97, 98, 226, 130, strange, 99, 100];
    const { engine } = await connect({ kind, model: () => ({ text: "", ids }) });
    const outcome = await outcomeOf(engine, { coalesce });
    expect(outcome.ids).toEqual([97, 98]);
    expect(outcome.broken).toMatchObject({ held: { ids: [226, 130] } });
    expect(outcome.error).toMatchObject({ code: "engine_failed", retryable: false });
    expect(String(outcome.error)).toMatch(
      `sent the token id ${strange}; ids of this model are whole numbers from 0 to 268`,
    );
  });
});

/** The same events, of which one that has tokens is changed. */
const rewriting =
  (nth: number, change: (part: Record<string, unknown>) => object | undefined) =>
  (data: string, n: number): string | undefined => {
    if (n !== nth) return data;
    const { choices, ...event } = JSON.parse(data) as { choices: Record<string, unknown>[] };
    const changed = change(choices[0] ?? {});
    return changed === undefined ? undefined : JSON.stringify({ ...event, choices: [changed] });
  };

describe("a text without token ids", () => {
  it.each([
    ["where the list of ids is empty", 1, (part: object) => ({ ...part, token_ids: [] })],
    ["where there is no list", 1, (part: object) => ({ ...part, token_ids: undefined })],
    ["where the list has what is no id", 1, (part: object) => ({ ...part, token_ids: ["b"] })],
    [
      "in a last part that has the id of its stop only",
      2,
      (part: object) => ({ ...part, token_ids: [], text: "c</Thread>" }),
    ],
  ])("is refused %s, after the tokens that came before", async (_, nth, change) => {
    const rewrite = rewriting(nth, change);
    const { engine } = await connect({ model: () => ({ text: "ab</Thread>", rewrite }) });
    const { ids, error } = await outcomeOf(engine, { stop: { ids: [stop] } });
    expect(ids).toEqual([97, 98].slice(0, nth));
    expect(error).toMatchObject({ code: "engine_refused", retryable: false });
  });

  it("is none where a server leaves out the id of the stop, and says it elsewhere", async () => {
    const rewrite = rewriting(2, (part) => ({ ...part, token_ids: [] }));
    const { engine } = await connect({ model: () => ({ text: "ab</Thread>", rewrite }) });
    const { pieces, end } = await outcomeOf(engine, { stop: { ids: [stop] } });
    expect(pieces.at(-1)).toMatchObject({ ids: [stop], text: "</Thread>" });
    expect(end).toMatchObject({ reason: "stop" });
  });
});

describe("a part that is lost on the way", () => {
  it("is warned of: the server has counted more tokens than came", async () => {
    const rewrite = rewriting(1, () => undefined);
    const { engine } = await connect({ model: () => ({ text: "abc", rewrite }) });
    const events: CompletionEvent[] = [];
    for await (const event of engine.complete(requestOf())) events.push(event);
    const warnings = events.flatMap((event) => (event.type === "warning" ? event.warning : []));
    expect(warnings).toMatchObject([
      { code: "tokens-missing", message: expect.stringMatching(/4 tokens .* 3 came/) as string },
    ]);
  });
});

describe("tokens that a dead tokenizer cannot decode", () => {
  it("have no text of their end of sequence, although the server shows it", async () => {
    const eos = 257;
    const made = new ChunkPieces({
      decode: () => Promise.reject(new Error("gone")),
      isSilent: (id) => id === eos,
      shownAs: (id) => (id === eos ? "</s>" : undefined),
      promptTokens: 1000,
    });
    const last = { ids: [97, 98, eos], text: "ab</s>", finish: "stop" };
    expect(await made.push(last, { isLast: true, end: "stop" })).toEqual([]);
    expect(made.held()).toEqual({ ids: [97, 98, eos], text: "ab" });
  });
});
