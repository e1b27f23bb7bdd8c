import { afterEach, describe, expect, it } from "vitest";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeServer, FakeServerOptions } from "../../src/testing/index.ts";
import { ask } from "./recording.ts";

let server: FakeServer;
afterEach(() => server.close());

async function post(
  path: string,
  body: Record<string, unknown>,
  options: Partial<FakeServerOptions> = {},
): Promise<{ status: number; text: string; headers: Record<string, string> }> {
  const model = (): string => "ab";
  server = await startFakeServer({ kind: "llamacpp", model, unstreamed: model, modelName: "tw.gguf", ...options });
  return ask(server.baseURL, { name: "", method: "POST", path, body, answer: { status: 0, headers: {}, text: "" } });
}

const timings = (read: number, cached: number, written: number): string =>
  `"timings":{"cache_n":${cached},"prompt_n":${read},"prompt_ms":${read * 3}.0,"prompt_per_token_ms":3.0,"prompt_per_second":333.3333333333333,"predicted_n":${written},"predicted_ms":${written * 20}.0,"predicted_per_token_ms":20.0,"predicted_per_second":50.0}`;

/** As the source of b10573 reads; its own tests were not run. */
describe("llama.cpp", () => {
  const prompt = [256, 81];
  const final = (tokens: string, predicted: number, stop: string): string =>
    `"tokens":${tokens},"id_slot":0,"stop":true,"model":"tw.gguf","tokens_predicted":${predicted},"tokens_evaluated":2,"generation_settings":{"seed":7,"temperature":0.0},"prompt":"<s>Q","has_new_line":false,"truncated":false,${stop},"tokens_cached":${1 + predicted},${timings(2, 0, predicted)}}`;

  it("streams a part a token, one for the end of sequence, and a last one without tokens; no [DONE]", async () => {
    const body = { prompt, stream: true, return_tokens: true, seed: 7, temperature: 0 };
    const { text, headers } = await post("/completion", body);
    expect(text).toBe(
      [
        'data: {"index":0,"content":"a","tokens":[97],"stop":false,"id_slot":0,"tokens_predicted":1,"tokens_evaluated":2}',
        'data: {"index":0,"content":"b","tokens":[98],"stop":false,"id_slot":0,"tokens_predicted":2,"tokens_evaluated":2}',
        'data: {"index":0,"content":"","tokens":[257],"stop":false,"id_slot":0,"tokens_predicted":3,"tokens_evaluated":2}',
        `data: {"index":0,"content":"",${final("[]", 3, '"stop_type":"eos","stopping_word":""')}`,
        "",
      ].join("\n\n"),
    );
    expect(headers).toMatchObject({ server: "llama.cpp", "content-type": "text/event-stream" });
  });

  it("answers whole with its tokens where they are asked for", async () => {
    const body = { prompt, return_tokens: true, seed: 7, temperature: 0, n_predict: 1 };
    const { text } = await post("/completion", body);
    expect(text).toBe(`{"index":0,"content":"a",${final("[97]", 1, '"stop_type":"limit","stopping_word":""')}`);
  });

  it("cuts a stop string, and holds back what may become one", async () => {
    const body = { prompt, stream: true, stop: ["bX", "bcd"] };
    const { text } = await post("/completion", body, { model: () => "abbcde" });
    const contents = [...text.matchAll(/"content":"(.*?)"/g)].map(([, content]) => content);
    expect(contents).toEqual(["a", "", "b", "", "", ""]);
    expect(text).toContain('"stop_type":"word","stopping_word":"bcd"');
  });

  it("leaves out the ids of tokens that end inside a character", async () => {
    const body = { prompt, stream: true, return_tokens: true };
    const { text } = await post("/completion", body, { model: () => "€" });
    const told = [...text.matchAll(/"tokens":\[(.*?)\].*?"tokens_predicted":(\d+)/g)].map(([, ...found]) => found);
    expect(told).toEqual([
      ["172", "3"],
      ["257", "4"],
      ["", "4"],
    ]);
    await server.close();
    const all = await post("/completion", body, { model: () => "€", tellsHalfCharacters: true, tellsEnd: false });
    expect(all.text.match(/"tokens":\[\d+\]/g)).toEqual(['"tokens":[226]', '"tokens":[130]', '"tokens":[172]']);
  });

  const usage =
    '"usage":{"completion_tokens":3,"prompt_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":0}}';
  const tail =
    '"created":1795423162,"model":"tw.gguf","system_fingerprint":"b10573-3f545bec","object":"text_completion"';

  it("has OpenAI's completions, with the counts on the last part and no ids", async () => {
    const { text } = await post("/v1/completions", { prompt, stream: true });
    const id = /"id":"(.*?)"/.exec(text)?.[1] ?? "";
    const part = (said: string): string =>
      `data: {"choices":[{"text":"${said}","index":0,"logprobs":null,"finish_reason":null}],${tail},"id":"${id}"}`;
    const last = `{"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}],${tail},${usage},"id":"${id}",${timings(2, 0, 3)}}`;
    expect(text).toBe(`${[part("a"), part("b"), `data: ${last}`, "data: [DONE]"].join("\n\n")}\n\n`);
    expect(id).toMatch(/^chatcmpl-/);
  });

  it("has OpenAI's completions whole", async () => {
    const { text } = await post("/v1/completions", { prompt });
    const id = /"id":"(.*?)"/.exec(text)?.[1] ?? "";
    expect(text).toBe(
      `{"choices":[{"text":"ab","index":0,"logprobs":null,"finish_reason":"stop"}],${tail},${usage},"id":"${id}",${timings(2, 0, 3)}}`,
    );
  });

  it("has chats, goes on with a last message of the assistant's, and counts where asked", async () => {
    const prompts: string[] = [];
    const body = {
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: "So" },
      ],
      stream: true,
      stream_options: { include_usage: true },
    };
    const model = (given: string): string => (prompts.push(given), "a");
    const { text } = await post("/v1/chat/completions", body, { model });
    expect(prompts).toEqual(["<s>Hi\nSo"]);
    const id = /"id":"(.*?)"/.exec(text)?.[1] ?? "";
    const rest = `"created":1795423162,"id":"${id}","model":"tw.gguf","system_fingerprint":"b10573-3f545bec","object":"chat.completion.chunk"`;
    const part = (delta: string, finish: string): string =>
      `data: {"choices":[{"finish_reason":${finish},"index":0,"delta":${delta}}],${rest}}`;
    const counts =
      '"usage":{"completion_tokens":2,"prompt_tokens":6,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":0}}';
    expect(text.split("\n\n")).toEqual([
      part('{"role":"assistant","content":null}', "null"),
      part('{"content":"a"}', "null"),
      part("{}", '"stop"'),
      `data: {"choices":[],${rest},${counts},${timings(6, 0, 2)}}`,
      "data: [DONE]",
      "",
    ]);
  });

  it("refuses in its own words", async () => {
    const long = Array.from({ length: 5000 }, () => 65);
    expect(await post("/completion", { prompt: long }, { contextTokens: 4096 })).toMatchObject({
      status: 400,
      text: '{"error":{"code":400,"message":"request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}',
    });
    await server.close();
    expect(await post("/completion", { prompt }, { apiKey: "k" })).toMatchObject({
      status: 401,
      text: '{"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}}',
    });
    await server.close();
    expect(await post("/completion", { prompt }, { maxCalls: 0 })).toMatchObject({
      status: 503,
      text: '{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}',
    });
    await server.close();
    const broken = await post(
      "/completion",
      { prompt, stream: true },
      { model: () => ({ text: "", ending: "error" }) },
    );
    expect(broken.text).toMatch(/^data: \{"error":\{"code":500,"message":"[^"]+","type":"server_error"\}\}\n\n$/);
  });

  it("says what it is", async () => {
    server = await startFakeServer({ kind: "llamacpp", model: () => "", modelName: "tw.gguf", contextTokens: 4096 });
    const get = async (path: string): Promise<string> => (await fetch(server.baseURL + path)).text();
    expect(await get("/health")).toBe('{"status":"ok"}');
    expect(await get("/props")).toBe(
      '{"default_generation_settings":{"n_ctx":4096},"total_slots":4,"model_path":"tw.gguf","chat_template":"{{ messages }}","bos_token":"<s>","eos_token":"</s>","build_info":"b10573-3f545bec","is_sleeping":false}',
    );
    expect(JSON.parse(await get("/v1/models"))).toMatchObject({
      data: [{ id: "tw.gguf", owned_by: "llamacpp", meta: { n_ctx: 4096, n_vocab: 269 } }],
    });
    expect(await get("/nope")).toBe('{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}');
  });
});
