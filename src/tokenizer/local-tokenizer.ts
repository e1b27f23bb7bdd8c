import type { ChatTemplate, TemplateOptions } from "../engine/tokenizer/chat/chat-template.ts";
import type { AddedToken, LocalTokenizer } from "../engine/tokenizer/local-tokenizer.ts";
import { ThreadweaverError } from "../errors.ts";
import { chatTemplateOf } from "./chat-template.ts";
import { installed, loadTokenizers } from "./library.ts";
import type { Loaders, Tokenizer, TokenizersModule } from "./library.ts";
import { readModelFolder } from "./model-folder.ts";
import type { ModelFolder, TokenizerFile } from "./model-folder.ts";
import { addsSpace, positionFree } from "./position-free.ts";
import { addedTokensOf, endsOf, withConfiguredTokens } from "./special-tokens.ts";

/**
 * Loads a model's tokenizer into this process, for `createEngine({ tokenizer })`.
 *
 * @param folder path of a model's folder in Hugging Face form, relative to the working directory. It needs a
 * `tokenizer.json`; `tokenizer_config.json`, `generation_config.json`, `config.json` and `chat_template.jinja` are read
 * if they are there.
 *
 * @throws `missing_dependency` without the package `@huggingface/tokenizers`; `file` for a folder without
 * `tokenizer.json`, or with files that cannot be used.
 */
export async function localTokenizer(folder: string): Promise<LocalTokenizer> {
  return loadLocalTokenizer(folder, installed);
}

/** `localTokenizer` with other loaders for its packages. */
export async function loadLocalTokenizer(folder: string, loaders: Loaders): Promise<LocalTokenizer> {
  const library = await loadTokenizers(loaders);
  const found = await readModelFolder(folder);
  const complete = { ...found, tokenizer: withConfiguredTokens(found.tokenizer, found.config) };
  return new HuggingFaceTokenizer(library, complete, loaders);
}

class HuggingFaceTokenizer implements LocalTokenizer {
  readonly source: string;
  readonly bos: number | undefined;
  readonly eos: readonly number[];
  readonly addedTokens: readonly AddedToken[];
  readonly vocabularySize: number;
  readonly #tokenizer: Tokenizer;
  /** For whole texts, where they are encoded differently. Made on first use. */
  readonly #whole: () => Tokenizer;
  readonly #renderChat: () => Promise<ChatTemplate>;

  constructor(library: TokenizersModule, folder: ModelFolder, loaders: Loaders) {
    const { path, tokenizer: file, model } = folder;
    this.source = path;
    this.#tokenizer = construct(library, folder, positionFree(file));
    this.#whole = once(() => (addsSpace(file) ? construct(library, folder, file) : this.#tokenizer));
    this.#renderChat = once(() => chatTemplateOf(folder, loaders));
    this.bos = beginOf(this.#tokenizer);
    this.eos = endsOf(folder, (token) => this.#tokenizer.token_to_id(token));
    this.addedTokens = addedTokensOf(file);
    this.vocabularySize = model.vocab_size ?? model.text_config?.vocab_size ?? sizeOf(this.#tokenizer);
  }

  async encode(text: string, { bos = false } = {}): Promise<number[]> {
    return bos ? this.#whole().encode(text, { add_special_tokens: true }).ids : this.encodeSync(text);
  }

  encodeSync(text: string): number[] {
    return text === "" ? [] : this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  async decode(ids: readonly number[]): Promise<string> {
    // A model's vocabulary may be padded with ids that its tokenizer has no text for.
    const known = ids.filter((id) => this.#tokenizer.id_to_token(id) !== undefined);
    if (known.length === 0) return "";
    return this.#tokenizer.decode(known, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  }

  async renderTemplate(
    messages: readonly { role: string; content: string }[],
    options: TemplateOptions = {},
  ): Promise<string> {
    const render = await this.#renderChat();
    return render(messages, options);
  }
}

function construct(
  { Tokenizer: Library }: TokenizersModule,
  { path, config }: ModelFolder,
  file: TokenizerFile,
): Tokenizer {
  try {
    return new Library(file, config);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${path}/tokenizer.json cannot be read by @huggingface/tokenizers: ${reason}`;
    throw new ThreadweaverError("file", message, { cause });
  }
}

/** Finds the begin of sequence by encoding a text. Files have flags for it, but frameworks ignore or override them. */
function beginOf(tokenizer: Tokenizer): number | undefined {
  const plain = tokenizer.encode("a", { add_special_tokens: false }).ids;
  const [begin, ...rest] = tokenizer.encode("a", { add_special_tokens: true }).ids;
  return rest.length >= plain.length && plain.every((id, index) => rest[index] === id) ? begin : undefined;
}

function sizeOf(tokenizer: Tokenizer): number {
  let size = 0;
  for (const id of tokenizer.get_vocab().values()) size = Math.max(size, id + 1);
  return size;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
