/**
 * Servers that behave on the wire like vLLM, SGLang and llama.cpp, as measured, with a model that says what a test wants:
 * for tests of programs that use this library, without a GPU and without Python.
 *
 * @packageDocumentation
 */
export { ByteTokenizer } from "./byte-tokenizer.ts";
export { startFakeServer } from "./fake-server.ts";
export type { FakeServer } from "./fake-server.ts";
export type { FakeAnswer, FakeEnding, FakeKind, FakeServerOptions, SeenCall } from "./options.ts";
