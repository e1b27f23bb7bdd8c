import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as z from "zod";
import { ThreadweaverError } from "../errors.ts";

const addedToken = z.looseObject({ id: z.int().min(0), content: z.string(), special: z.boolean().optional() });
const part = z.looseObject({ type: z.string() }).nullish();
const tokenizerFile = z.looseObject({
  added_tokens: z.array(addedToken).default([]),
  normalizer: part,
  pre_tokenizer: part,
  decoder: part,
});

/** A text, or a token with its properties. */
const tokenText = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
const tokenizerConfig = z.looseObject({
  bos_token: tokenText,
  eos_token: tokenText,
  added_tokens_decoder: z.record(z.string(), addedToken.omit({ id: true })).nullish(),
  chat_template: z.union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))]).nullish(),
});

const generationConfig = z.looseObject({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() });
const modelSize = z.looseObject({ vocab_size: z.int().min(1).nullish() });
const modelConfig = generationConfig.extend({
  ...modelSize.shape,
  /** Set for models that read more than text. */
  text_config: modelSize.nullish(),
});

export type TokenizerFile = z.infer<typeof tokenizerFile>;
export type TokenizerConfig = z.infer<typeof tokenizerConfig>;

/** The files of a model in Hugging Face form that say how it reads and writes text. */
export interface ModelFolder {
  path: string;
  tokenizer: TokenizerFile;
  config: TokenizerConfig;
  generation: z.infer<typeof generationConfig>;
  model: z.infer<typeof modelConfig>;
  /** The contents of `chat_template.jinja`, which takes precedence over the one in the configuration. */
  chatTemplate: string | undefined;
}

/**
 * Reads a model's folder. @throws `file` if the folder or its `tokenizer.json` is not there, or a file has another
 * form.
 */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const path = resolve(folder);
  await refuseNoFolder(path);
  const [tokenizer, config, generation, model, chatTemplate] = await Promise.all([
    readJson(join(path, "tokenizer.json"), tokenizerFile),
    readJson(join(path, "tokenizer_config.json"), tokenizerConfig),
    readJson(join(path, "generation_config.json"), generationConfig),
    readJson(join(path, "config.json"), modelConfig),
    readText(join(path, "chat_template.jinja")),
  ]);
  if (tokenizer === undefined) {
    throw fileError(`${path} has no tokenizer.json: give the folder of a model in Hugging Face form, which has one.`);
  }
  return { path, tokenizer, config: config ?? {}, generation: generation ?? {}, model: model ?? {}, chatTemplate };
}

async function refuseNoFolder(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    throw fileError(`Cannot read the tokenizer's folder ${path}: ${messageOf(cause)}`, cause);
  });
  if (found.isDirectory()) return;
  throw fileError(`${path} is a file: give the folder of a model in Hugging Face form, which holds tokenizer.json.`);
}

/** Undefined where there is no such file. */
async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : `it is not JSON: ${messageOf(cause)}`;
    throw fileError(`${path} cannot be used: ${reason}`, cause);
  }
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw fileError(`Cannot read ${path}: ${messageOf(cause)}`, cause);
  });
}

function fileError(message: string, cause?: unknown): ThreadweaverError {
  return new ThreadweaverError("file", message, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
