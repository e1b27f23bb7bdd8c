/**
 * Fake servers for tests of programs that use this library, without a GPU and without Python. They write byte for byte
 * what vLLM 0.32.0 and SGLang 0.5.23 were measured to write, and what the source of llama.cpp says. Their model says
 * what the test chooses.
 *
 * @packageDocumentation
 */
export { ByteTokenizer } from "./byte-tokenizer.ts";
export { startFakeServer } from "./fake-server.ts";
export type { FakeServer } from "./fake-server.ts";
export type {
  FakeAnswer,
  FakeEnding,
  FakeKind,
  FakeModel,
  FakeRefusal,
  FakeServerOptions,
  SeenCall,
} from "./options.ts";
