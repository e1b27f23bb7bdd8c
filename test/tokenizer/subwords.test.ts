import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAsyncPieceDecoder } from "../../src/engine/wire/piece-decoder.ts";
import type { LocalTokenizer } from "../../src/tokenizer/index.ts";
import { byteLevel, sentencePieces, tokenizerOf } from "./folders.ts";

/** What `decode` gives for each token alone. */
async function shown(tokenizer: LocalTokenizer, text: string): Promise<string[]> {
  const ids = await tokenizer.encode(text);
  return Promise.all(ids.map((id) => tokenizer.decode([id])));
}

/** The text of tokens that come one by one. */
async function streamed(tokenizer: LocalTokenizer, ids: readonly number[]): Promise<string> {
  const decoder = createAsyncPieceDecoder(
    (run) => tokenizer.decode(run),
    () => false,
  );
  let text = "";
  for (const id of ids) for (const piece of await decoder.push(id)) text += piece.text;
  return (
    text +
    decoder
      .flush()
      .map((piece) => piece.text)
      .join("")
  );
}

const texts = fc.array(
  fc.oneof(
    fc.constantFrom("hello", " hello", " ", "  ", "w", "é", "€", "\n", "<Thread>"),
    fc.string({ unit: "binary" }),
  ),
);

async function expectRoundTrips(tokenizer: LocalTokenizer, lost: RegExp): Promise<void> {
  await fc.assert(
    fc.asyncProperty(texts, async (parts) => {
      const text = parts.join("").replaceAll(lost, "");
      const ids = await tokenizer.encode(text);
      expect(await tokenizer.decode(ids)).toBe(text);
      expect(await streamed(tokenizer, ids)).toBe(text);
    }),
  );
}

describe("a byte-level vocabulary", () => {
  it("has tokens of several characters, and keeps their leading spaces", async () => {
    expect(await shown(await tokenizerOf({ "tokenizer.json": byteLevel() }), "hello hello  w")).toEqual([
      "hello",
      " hello",
      " ",
      " w",
    ]);
  });

  it("gives U+FFFD for what is inside a character, and the character for all of it", async () => {
    const tokenizer = await tokenizerOf({ "tokenizer.json": byteLevel() });
    expect(await shown(tokenizer, "€")).toEqual(["\uFFFD", "\uFFFD"]);
    expect(await streamed(tokenizer, await tokenizer.encode("a€<Thread>"))).toBe("a€<Thread>");
    expect(await shown(tokenizer, "é")).toEqual(["é"]);
  });

  it("gives every text back, all at once and token by token", async () => {
    await expectRoundTrips(await tokenizerOf({ "tokenizer.json": byteLevel() }), /(?!)/g);
  });

  it("that puts a space before texts does so only where one begins", async () => {
    const file = byteLevel();
    file["pre_tokenizer"] = { type: "ByteLevel", add_prefix_space: true, use_regex: true };
    const tokenizer = await tokenizerOf({ "tokenizer.json": file });
    expect(await tokenizer.decode(await tokenizer.encode("hello"))).toBe("hello");
    expect(await tokenizer.decode(await tokenizer.encode("hello", { bos: true }))).toBe(" hello");
  });

  it("has no text for ids that only pad the model's vocabulary", async () => {
    const file = byteLevel();
    const tokenizer = await tokenizerOf({ "tokenizer.json": file, "config.json": { vocab_size: 300 } });
    expect(tokenizer.vocabularySize).toBe(300);
    const hello = await tokenizer.encode("hello");
    expect(await tokenizer.decode([299, ...hello, 299])).toBe("hello");
    expect(await tokenizer.decode([299])).toBe("");
    expect(await tokenizer.decode([])).toBe("");
  });
});

describe.each(Object.entries(sentencePieces))("a SentencePiece vocabulary, %s", (_, files) => {
  const load = (): Promise<LocalTokenizer> => tokenizerOf({ "tokenizer.json": files() });

  it("keeps the leading space of a token that is decoded alone", async () => {
    expect(await shown(await load(), " hello wx")).toEqual([" hello", " w", "x"]);
  });

  it("puts no space before what goes on after something, nor behind a control string", async () => {
    const tokenizer = await load();
    expect(await tokenizer.decode(await tokenizer.encode("hello<Thread>hello"))).toBe("hello<Thread>hello");
    expect(await shown(tokenizer, "hello<Thread>hello")).toEqual(["hello", "<Thread>", "hello"]);
  });

  it("puts one before a whole text, as the server does", async () => {
    const tokenizer = await load();
    const [spaced] = await tokenizer.encode(" hello");
    expect(await tokenizer.encode("hello", { bos: true })).toEqual([1, spaced]);
    expect(tokenizer.bos).toBe(1);
  });

  it("spells characters without a token in bytes", async () => {
    const tokenizer = await load();
    expect(await shown(tokenizer, "€")).toEqual(["\uFFFD", "\uFFFD", "\uFFFD"]);
    expect(await streamed(tokenizer, await tokenizer.encode("a€b"))).toBe("a€b");
  });

  it("gives every text back, all at once and token by token", async () => {
    // Its sign for a space is a space for it.
    await expectRoundTrips(await load(), /[\u2581\uFEFF]/g);
  });
});
