import type { JinjaModule } from "../engine/tokenizer/chat/chat-template.ts";
import { loadPeer } from "../engine/optional-peer.ts";

/** The part of `@huggingface/tokenizers` that is used here. Its own types cannot be read as those of an ES module. */
export interface Tokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: number[], options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean }): string;
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
  get_vocab(): Map<string, number>;
}

export interface TokenizersModule {
  Tokenizer: new (tokenizer: object, config: object) => Tokenizer;
}

/** Loads the optional packages. Tests replace it to run without them. */
export interface Loaders {
  tokenizers: () => Promise<TokenizersModule>;
  jinja: () => Promise<JinjaModule>;
}

export const installed: Loaders = {
  tokenizers: () => import("@huggingface/tokenizers"),
  jinja: () => import("@huggingface/jinja"),
};

export function loadTokenizers({ tokenizers }: Loaders): Promise<TokenizersModule> {
  return loadPeer(tokenizers, "A local tokenizer", "@huggingface/tokenizers@0.2");
}

export function loadJinja({ jinja }: Loaders): Promise<JinjaModule> {
  return loadPeer(jinja, "A local tokenizer that renders messages", "@huggingface/jinja@0.5");
}
