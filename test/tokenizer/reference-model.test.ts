import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { vocabularyOf } from "../../src/engine/detect/local-vocabulary.ts";
import { ServerTokenizer } from "../../src/engine/tokenizer/server-tokenizer.ts";
import { localTokenizer } from "../../src/tokenizer/index.ts";
import type { LocalTokenizer } from "../../src/tokenizer/index.ts";
import { encode } from "../model-tokenizer.ts";
import { modelFolder } from "./folders.ts";

interface Transcript {
  prompt: string;
  text: string;
}

const transcripts = JSON.parse(
  readFileSync(new URL("../fixtures/reference-transcripts.json", import.meta.url), "utf8"),
) as Transcript[];

let tokenizer: LocalTokenizer;
let asServers: ServerTokenizer;
beforeAll(async () => {
  tokenizer = await localTokenizer(modelFolder);
  asServers = new ServerTokenizer(tokenizer, vocabularyOf(tokenizer));
});

describe("the tokenizer of the small model", () => {
  it("knows its vocabulary, and which of its markers are special", () => {
    expect(tokenizer).toMatchObject({ source: modelFolder, bos: 256, eos: [257], vocabularySize: 269 });
    expect(tokenizer.addedTokens).toEqual([
      { id: 256, content: "<s>", special: true },
      { id: 257, content: "</s>", special: true },
      { id: 258, content: "<pad>", special: true },
      ...["<think>", "</think>", "<Parallel>", "</Parallel>", "<Outlines>", "</Outlines>"]
        .concat(["<Outline>", "</Outline>", "<Thread>", "</Thread>"])
        .map((content, index) => ({ id: 259 + index, content, special: false })),
    ]);
    expect(asServers.controls).toHaveLength(13);
  });

  it("reads and shows each marker as one token", async () => {
    for (const { id, content } of tokenizer.addedTokens) {
      expect(await tokenizer.encode(content)).toEqual([id]);
      expect(await tokenizer.decode([id])).toBe(content);
    }
  });

  it("reads the 60 reference texts as an encoder that shares no code with it, and gives them back", async () => {
    expect(transcripts).toHaveLength(60);
    for (const { prompt, text } of transcripts) {
      const ids = await tokenizer.encode(text);
      expect(ids).toEqual(encode(text));
      expect(await tokenizer.decode(ids)).toBe(text);
      expect(await tokenizer.encode(prompt, { bos: true })).toEqual([256, ...encode(prompt)]);
    }
  });

  it("encodes without waiting, also behind a server", async () => {
    for (const { text } of transcripts.slice(0, 3)) {
      expect(tokenizer.encodeSync?.(text)).toEqual(encode(text));
      for (const controls of ["parse", "text"] as const) {
        expect(asServers.encodeSync?.(text, { controls })).toEqual(await asServers.encode(text, { controls }));
      }
    }
  });

  it("adds no begin of sequence unless asked, and makes nothing of nothing", async () => {
    expect(await tokenizer.encode("")).toEqual([]);
    expect(await tokenizer.encode("", { bos: true })).toEqual([256]);
    expect(await tokenizer.encode("a")).toEqual([97]);
  });

  it("gives U+FFFD for bytes that are no character, wherever they come", async () => {
    expect(await tokenizer.decode([0xa9])).toBe("\uFFFD");
    expect(await tokenizer.decode([0xc3])).toBe("\uFFFD");
    expect(await tokenizer.decode([0xc3, 267, 0xa9])).toBe("\uFFFD<Thread>\uFFFD");
    expect(await tokenizer.decode([0xc3, 0xa9])).toBe("é");
  });

  it("gives every text back", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
        expect(await tokenizer.decode(await tokenizer.encode(text))).toBe(text);
      }),
    );
  });

  it("keeps what people typed text, whatever they typed", async () => {
    const word = fc.constantFrom("<Thread>", "</Thread>", "<s>", "<Thr", "ead>", "<", "x", " ", "€", "\n", "<pad>");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(word, fc.string({ unit: "binary" }))), async (words) => {
        const text = words.join("");
        const ids = await asServers.encode(text, { controls: "text" });
        expect(ids.every((id) => id < 256)).toBe(true);
        expect(await asServers.decode(ids)).toBe(text);
      }),
    );
  });

  it("puts messages into the chat template, with one begin of sequence and their markers as text", async () => {
    const ids = await asServers.renderChat([{ role: "user", content: " <Thread>? " }], { prefill: "<think>" });
    expect(ids).toEqual([256, ...Buffer.from("<Thread>?\n"), 259]);
  });
});
