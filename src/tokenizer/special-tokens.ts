import type { AddedToken } from "../engine/tokenizer/local-tokenizer.ts";
import type { ModelFolder, TokenizerConfig, TokenizerFile } from "./model-folder.ts";

/** Adds the tokens that a folder names only in its configuration, as frameworks do. */
export function withConfiguredTokens(file: TokenizerFile, config: TokenizerConfig): TokenizerFile {
  const known = new Set(file.added_tokens.map(({ id }) => id));
  const missing = Object.entries(config.added_tokens_decoder ?? {})
    .map(([id, token]) => ({ ...token, id: Number(id) }))
    .filter(({ id }) => !known.has(id));
  return missing.length === 0 ? file : { ...file, added_tokens: [...file.added_tokens, ...missing] };
}

export function addedTokensOf({ added_tokens: tokens }: TokenizerFile): AddedToken[] {
  return tokens.map(({ id, content, special = false }) => ({ id, content, special }));
}

/** The texts of the special tokens, by their names in templates. */
export function templateVariables(config: TokenizerConfig): Record<string, string> {
  const named = Object.entries(config).flatMap(([name, value]) => {
    const text = name.endsWith("_token") ? textOf(value) : undefined;
    return text === undefined ? [] : [[name, text]];
  });
  return { bos_token: "", eos_token: "", ...Object.fromEntries(named) };
}

/** The ids that end a generation: the tokenizer's end of sequence, and those of the model's configuration. */
export function endsOf(
  { config, generation, model }: ModelFolder,
  idOf: (token: string) => number | undefined,
): number[] {
  const token = textOf(config.eos_token);
  const own = token === undefined ? undefined : idOf(token);
  const configured = generation.eos_token_id ?? model.eos_token_id ?? [];
  return [...new Set([...(own === undefined ? [] : [own]), ...[configured].flat()])];
}

function textOf(token: unknown): string | undefined {
  if (typeof token === "string") return token;
  const content: unknown = typeof token === "object" && token !== null ? Reflect.get(token, "content") : undefined;
  return typeof content === "string" ? content : undefined;
}
