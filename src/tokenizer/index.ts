/**
 * A model's tokenizer in this process, for engines behind HTTP. The server's tokenizer is not used, so servers that
 * hide theirs can be used too. Needs the package `@huggingface/tokenizers`, and for messages `@huggingface/jinja`.
 *
 * @packageDocumentation
 */
export type { TemplateOptions } from "../engine/tokenizer/chat/chat-template.ts";
export type { Codec, CodecOptions } from "../engine/tokenizer/codec.ts";
export type { AddedToken, LocalTokenizer } from "../engine/tokenizer/local-tokenizer.ts";
export { localTokenizer } from "./local-tokenizer.ts";
