import { describe, expect, it } from "vitest";
import type { EngineProfile } from "../../src/engine/profile.ts";
import { generic } from "../../src/engine/profiles/generic.ts";
import { llamacpp } from "../../src/engine/profiles/llamacpp.ts";
import { sglang, sglangNative } from "../../src/engine/profiles/sglang.ts";
import { vllm } from "../../src/engine/profiles/vllm.ts";
import { ReplyReader } from "../../src/engine/wire/reply.ts";
import type { ReplyPart } from "../../src/engine/wire/reply.ts";

function read(profile: EngineProfile, ...data: string[]): ReplyPart[] {
  const reader = new ReplyReader(profile);
  return data.map((one) => reader.read(one));
}

/** As vLLM 0.32.0 and SGLang 0.5.23 wrote them, cut by nothing but a long prompt. */
describe("what the real servers wrote is read right", () => {
  it("vLLM: a token, the last token, the counts", () => {
    const parts = read(
      vllm,
      '{"id":"cmpl-9f24d41a209d0ed0","object":"text_completion","created":1795423162,"model":"forkjoin-arith","choices":[{"index":0,"text":"<think>","logprobs":null,"finish_reason":null,"stop_reason":null,"prompt_token_ids":[256,81,58],"token_ids":[259]}]}',
      '{"id":"cmpl-9f24d41a209d0ed0","object":"text_completion","created":1795423162,"model":"forkjoin-arith","choices":[{"index":0,"text":"</Outlines>","logprobs":null,"finish_reason":"stop","stop_reason":264,"prompt_token_ids":null,"token_ids":[264]}]}',
      '{"id":"cmpl-8441730e37d5b409","object":"text_completion","created":1795423162,"model":"forkjoin-arith","choices":[],"usage":{"prompt_tokens":16,"total_tokens":19,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":96}},"system_fingerprint":"vllm-0.32.0-0bf2a2df"}',
    );
    expect(parts).toMatchObject([
      { chunk: { ids: [259], text: "<think>", finish: undefined } },
      { chunk: { ids: [264], text: "</Outlines>", finish: "stop", stopId: 264 } },
      { cachedTokens: 96 },
    ]);
    expect(parts[2]?.chunk).toBeUndefined();
  });

  it("vLLM: an end of sequence names no id, an abort no tokens", () => {
    const [end, abort] = read(
      vllm,
      '{"id":"cmpl-ab3","choices":[{"index":0,"text":"</s>","logprobs":null,"finish_reason":"stop","stop_reason":null,"prompt_token_ids":null,"token_ids":[257]}]}',
      '{"id":"cmpl-ab3","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"abort","stop_reason":null,"prompt_token_ids":null,"token_ids":[]}],"system_fingerprint":"vllm-0.32.0-a86f3f43"}',
    );
    expect(end?.chunk).toEqual({ ids: [257], text: "</s>", finish: "stop", stopId: undefined, logprobs: undefined });
    expect(abort?.chunk).toMatchObject({ ids: [], finish: "abort" });
  });

  it("SGLang: two tokens in one part, the id that ended it, the counts", () => {
    const parts = read(
      sglang,
      '{"id":"7c56","object":"text_completion","created":1795423985,"model":"probe","choices":[{"index":0,"text":"<think>\\n","logprobs":null,"finish_reason":null,"matched_stop":null,"token_ids":[259,10]}],"usage":null}',
      '{"id":"7c56","object":"text_completion","created":1795423985,"model":"probe","choices":[{"index":0,"text":"</Thread>","logprobs":null,"finish_reason":"stop","matched_stop":268,"token_ids":[268]}],"usage":null}',
      '{"id":"7c56","object":"text_completion","created":1795423985,"model":"probe","choices":[],"usage":{"prompt_tokens":16,"total_tokens":21,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":15},"reasoning_tokens":0}}',
    );
    expect(parts).toMatchObject([
      { chunk: { ids: [259, 10], text: "<think>\n" } },
      { chunk: { ids: [268], finish: "stop", stopId: 268 } },
      { cachedTokens: 15 },
    ]);
  });

  it("SGLang's own interface: parts that repeat what came before", () => {
    const parts = read(
      sglangNative,
      '{"text":"<think>","output_ids":[259],"meta_info":{"id":"82b2","finish_reason":null,"completion_tokens":1,"cached_tokens":15}}',
      '{"text":"<think>\\n","output_ids":[259,10],"meta_info":{"id":"82b2","finish_reason":null,"completion_tokens":2,"cached_tokens":15}}',
      '{"text":"<think>\\nSpl","output_ids":[259,10,83,112,108],"meta_info":{"id":"82b2","finish_reason":{"type":"length","length":5},"weight_version":"default","cached_tokens":15,"output_token_logprobs":[[-0.1,259,null],[0.0,10,null],[-0.2,83,null],[0.0,112,null],[0.0,108,null]]}}',
    );
    expect(parts.map(({ chunk }) => [chunk?.ids, chunk?.text, chunk?.finish])).toEqual([
      [[259], "<think>", undefined],
      [[10], "\n", undefined],
      [[83, 112, 108], "Spl", "length"],
    ]);
    expect(parts[2]).toMatchObject({ weightVersion: "default", cachedTokens: 15 });
  });

  it("llama.cpp: a token, an end of sequence that is not among the tokens", () => {
    const parts = read(
      llamacpp,
      '{"index":0,"content":"Hello","tokens":[9906],"stop":false,"id_slot":0,"tokens_predicted":1,"tokens_evaluated":4}',
      '{"index":0,"content":"","tokens":[],"id_slot":0,"stop":true,"model":"tw-8b.gguf","stop_type":"eos","stopping_word":"","tokens_cached":5,"timings":{"cache_n":3,"prompt_n":4}}',
    );
    expect(parts).toMatchObject([
      { chunk: { ids: [9906], text: "Hello", finish: undefined } },
      { chunk: { ids: [], finish: "eos" }, cachedTokens: 3 },
    ]);
  });

  it("llama.cpp's OpenAI route: text without ids", () => {
    const [part] = read(
      generic,
      '{"choices":[{"text":"Hello","index":0,"logprobs":null,"finish_reason":null}],"created":1787000202,"model":"tw-8b.gguf","system_fingerprint":"b10573-3f545bec","object":"text_completion","id":"chatcmpl-Ab12Cd35"}',
    );
    expect(part?.chunk).toMatchObject({ ids: undefined, text: "Hello" });
  });

  it.each<[string, EngineProfile, string, number]>([
    [
      "vLLM's engine died",
      vllm,
      '{"error": {"message": "EngineCore encountered an issue. See stack trace (above) for the root cause.", "type": "InternalServerError", "param": null, "code": 500}}',
      500,
    ],
    [
      "SGLang's queue is full",
      sglang,
      '{"error": {"object": "error", "message": "The request queue is full.", "type": "SERVICE_UNAVAILABLE", "param": null, "code": 503}}',
      503,
    ],
    [
      "SGLang's prompt is too long",
      sglangNative,
      '{"error":{"message":"The input (3000 tokens) is longer than the model\'s context length (2048 tokens).","type":"invalid_request_error","code":400,"retryable":false}}',
      400,
    ],
    ["a flat error", sglang, '{"object":"error","message":"no","type":"BadRequestError","param":null,"code":400}', 400],
    ["a key is wrong", vllm, '{"error":"Unauthorized"}', 500],
  ])("an error inside HTTP 200: %s", (_, profile, data, status) => {
    expect(read(profile, data)[0]?.error).toMatchObject({ status, message: expect.any(String) as string });
  });

  it("text where ids were promised is no answer", () => {
    const [part] = read(vllm, '{"choices":[{"index":0,"text":"a","finish_reason":null,"token_ids":null}]}');
    expect(part).toMatchObject({ idless: true });
  });
});
