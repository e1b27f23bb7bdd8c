import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { localTokenizer } from "../../src/tokenizer/index.ts";
import type { LocalTokenizer } from "../../src/tokenizer/index.ts";
import { installed } from "../../src/tokenizer/library.ts";
import { loadLocalTokenizer } from "../../src/tokenizer/local-tokenizer.ts";
import { byteLevel, folderOf, modelFolder, tokenizerOf } from "./folders.ts";
import type { Files } from "./folders.ts";

const failing = (code: string, message: RegExp): object => ({
  code,
  message: expect.stringMatching(message) as string,
});

function load(more: Files): Promise<LocalTokenizer> {
  return tokenizerOf({ "tokenizer.json": byteLevel(), ...more });
}

describe("a folder that cannot be used", () => {
  it("is not there", async () => {
    await expect(localTokenizer("/nowhere/at/all")).rejects.toMatchObject(
      failing("file", /^Cannot read the tokenizer's folder \/nowhere\/at\/all: ENOENT/),
    );
  });

  it("has no tokenizer.json", async () => {
    await expect(tokenizerOf({ "config.json": {} })).rejects.toMatchObject(
      failing("file", /has no tokenizer\.json: give the folder of a model in Hugging Face form/),
    );
  });

  it("is a file", async () => {
    await expect(localTokenizer(join(modelFolder, "tokenizer.json"))).rejects.toMatchObject(
      failing("file", /tokenizer\.json is a file: give the folder/),
    );
  });

  it.each(["tokenizer.json", "tokenizer_config.json", "generation_config.json", "config.json"])(
    "has a broken %s",
    async (name) => {
      const message = new RegExp(`${name.replace(".", String.raw`\.`)} cannot be used: it is not JSON: `);
      await expect(load({ [name]: '{"a":' })).rejects.toMatchObject(failing("file", message));
    },
  );

  it("says where a file is of another form", async () => {
    await expect(load({ "generation_config.json": { eos_token_id: "</s>" } })).rejects.toMatchObject(
      failing("file", /generation_config\.json cannot be used: [^]*eos_token_id/),
    );
    await expect(load({ "tokenizer.json": { added_tokens: [{ id: -1 }] } })).rejects.toMatchObject(
      failing("file", /tokenizer\.json cannot be used: [^]*added_tokens\[0\]/),
    );
  });

  it("holds a tokenizer of an unknown kind", async () => {
    const file = { ...byteLevel(), decoder: { type: "Telepathy" } };
    await expect(tokenizerOf({ "tokenizer.json": file })).rejects.toMatchObject(
      failing("file", /tokenizer\.json cannot be read by @huggingface\/tokenizers: .*Telepathy/),
    );
  });
});

describe("the optional packages", () => {
  const missing = (): Promise<never> =>
    Promise.reject(Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" }));

  it("without the tokenizer's, nothing is read, and what to install is said", async () => {
    await expect(loadLocalTokenizer("/nowhere", { ...installed, tokenizers: missing })).rejects.toMatchObject(
      failing(
        "missing_dependency",
        /needs the package @huggingface\/tokenizers\. Install it: npm install @hugg.*s@0\.2$/,
      ),
    );
  });

  it("without the template's, everything but messages works", async () => {
    const tokenizer = await loadLocalTokenizer(modelFolder, { ...installed, jinja: missing });
    expect(await tokenizer.encode("<Thread>")).toEqual([267]);
    await expect(tokenizer.renderTemplate([])).rejects.toMatchObject(
      failing("missing_dependency", /renders messages needs the package @huggingface\/jinja\. Install it: npm install/),
    );
  });

  it("that are there and broken are no missing ones", async () => {
    const tokenizers = (): Promise<never> => Promise.reject(new Error("broken"));
    await expect(loadLocalTokenizer(modelFolder, { ...installed, tokenizers })).rejects.toThrow(/^broken$/);
  });
});

describe("what a folder says of its tokens", () => {
  const end = 256 + byteLevelMerges();

  it("the ends of sequence: the tokenizer's, and those of the generation, a number or a list", async () => {
    expect((await load({})).eos).toEqual([]);
    expect((await load({ "tokenizer_config.json": { eos_token: "<|end|>" } })).eos).toEqual([end]);
    const asObject = { eos_token: { content: "<|end|>", special: true } };
    expect((await load({ "tokenizer_config.json": asObject })).eos).toEqual([end]);
    const both = { "tokenizer_config.json": asObject, "generation_config.json": { eos_token_id: [7, end] } };
    expect((await load(both)).eos).toEqual([end, 7]);
    expect((await load({ "generation_config.json": { eos_token_id: 7 } })).eos).toEqual([7]);
    expect((await load({ "config.json": { eos_token_id: 8 } })).eos).toEqual([8]);
  });

  it("tokens that only the configuration names", async () => {
    const more = { added_tokens_decoder: { [end + 3]: { content: "<late>", special: true, lstrip: false } } };
    const tokenizer = await load({ "tokenizer_config.json": more });
    expect(tokenizer.addedTokens.at(-1)).toEqual({ id: end + 3, content: "<late>", special: true });
    expect(await tokenizer.encode("<late>")).toEqual([end + 3]);
    expect(tokenizer.vocabularySize).toBe(end + 4);
  });

  it("the size of the vocabulary: what the model has room for, also where it reads more than text", async () => {
    expect((await load({})).vocabularySize).toBe(end + 3);
    expect((await load({ "config.json": { vocab_size: 512 } })).vocabularySize).toBe(512);
    expect((await load({ "config.json": { text_config: { vocab_size: 640 } } })).vocabularySize).toBe(640);
  });

  it("no begin of sequence because a flag says so, but because one is put", async () => {
    const flag = { bos_token: "<|end|>", add_bos_token: true };
    expect((await load({ "tokenizer_config.json": flag })).bos).toBeUndefined();
  });
});

describe("the chat template", () => {
  const messages = [{ role: "user", content: "hi" }];
  const rendered = async (config: object, more: Files = {}): Promise<string> =>
    (await load({ "tokenizer_config.json": { bos_token: "<b>", ...config }, ...more })).renderTemplate(messages);

  it("is a text, with the special tokens as variables, up to where the answer begins", async () => {
    const template =
      "{{ bos_token }}{{ messages[0]['content'] }}{{ eos_token }}{% if add_generation_prompt %}A:{% endif %}";
    expect(await rendered({ chat_template: template })).toBe("<b>hiA:");
    expect(await rendered({ chat_template: template, eos_token: { content: "</e>" } })).toBe("<b>hi</e>A:");
  });

  it("is the default one of a list, or its only one", async () => {
    const tool = { name: "tool_use", template: "tool" };
    expect(await rendered({ chat_template: [tool, { name: "default", template: "plain" }] })).toBe("plain");
    expect(await rendered({ chat_template: [tool] })).toBe("tool");
    await expect(rendered({ chat_template: [tool, { ...tool, name: "rag" }] })).rejects.toMatchObject(
      failing("invalid_prompt", /has no chat template.*Give the text as a prompt instead/),
    );
  });

  it("in a file of its own goes before the one in the configuration", async () => {
    expect(await rendered({ chat_template: "old" }, { "chat_template.jinja": "new" })).toBe("new");
  });

  it("that is not there, cannot be read or refuses the messages is told of", async () => {
    await expect(rendered({})).rejects.toMatchObject({ code: "invalid_prompt" });
    await expect(rendered({ chat_template: "{% if %}" })).rejects.toThrow("chat template cannot be read");
    await expect(rendered({ chat_template: "{{ raise_exception('no') }}" })).rejects.toThrow(
      "refuses these messages: no",
    );
  });
});

it("a folder may be given relative to the working directory", async () => {
  const { source } = await localTokenizer("models/hf");
  expect(source).toBe(modelFolder);
  expect(folderOf({})).not.toBe(source);
});

function byteLevelMerges(): number {
  const { merges } = byteLevel()["model"] as { merges: unknown[] };
  return merges.length;
}
