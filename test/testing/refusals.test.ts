import { describe, expect, it } from "vitest";
import type { FakeKind, FakeServerOptions } from "../../src/testing/index.ts";
import { open, send, stream } from "./support.ts";

async function refusal(
  options: Partial<FakeServerOptions>,
  body: Record<string, unknown> = {},
): Promise<{ status: number; body: string; headers: Headers }> {
  const response = await send(await open(options), { prompt: [256, 81], ...body });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

describe("a full queue", () => {
  it("of vLLM answers 503, of SGLang too where it is not streamed", async () => {
    const vllm = await refusal({ maxCalls: 0 }, { stream: true });
    expect(vllm).toMatchObject({
      status: 503,
      body: '{"error":{"message":"The engine is currently busy and cannot accept new requests. Please try again later or on a different instance.","type":"Service Unavailable","param":null,"code":503}}',
    });
    expect(await refusal({ kind: "sglang", maxCalls: 0 })).toMatchObject({
      status: 503,
      body: '{"object":"error","message":"The request queue is full.","type":"503","param":null,"code":503}',
    });
  });

  it("of SGLang refuses a stream inside HTTP 200, and of vLLM where calls race", async () => {
    expect(await refusal({ kind: "sglang", maxCalls: 0 }, { stream: true })).toMatchObject({
      status: 200,
      body: 'data: {"error": {"object": "error", "message": "The request queue is full.", "type": "SERVICE_UNAVAILABLE", "param": null, "code": 503}}\n\ndata: [DONE]\n\n',
    });
    expect(await refusal({ maxCalls: 0, overload: { inStream: true } }, { stream: true })).toMatchObject({
      status: 200,
      body: 'data: {"error": {"message": "The engine is currently busy and cannot accept new requests. Please try again later or on a different instance.", "type": "Service Unavailable", "param": null, "code": 503}}\n\ndata: [DONE]\n\n',
    });
  });

  it("of SGLang's own interface aborts a stream", async () => {
    const server = await open({ kind: "sglang-native", maxCalls: 0 });
    const { text, status } = await stream(server, { input_ids: [256] }, { path: "/generate" });
    expect(status).toBe(200);
    expect(text).toContain('"finish_reason":{"type":"abort","message":"The request queue is full.","status_code":503');
  });

  // As measured on SGLang 0.5.23 with `--grammar-backend none`.
  it("of SGLang without a grammar backend comes inside a stream, and as a status outside of one", async () => {
    const said =
      "Grammar-based generation (json_schema, regex, ebnf, structural_tag) is not supported when the server is launched with --grammar-backend none";
    const fake = { kind: "sglang", grammarBackend: "none" } as const;
    expect(await refusal(fake, { regex: "a" })).toMatchObject({
      status: 400,
      body: `{"object":"error","message":"${said}","type":"BadRequestError","param":null,"code":400}`,
    });
    expect(await refusal(fake, { regex: "a", stream: true })).toMatchObject({
      status: 200,
      body: `data: {"error": {"object": "error", "message": "${said}", "type": "BAD_REQUEST", "param": null, "code": 400}}\n\ndata: [DONE]\n\n`,
    });
    const server = await open(fake);
    const body = { input_ids: [256], sampling_params: { regex: "a" } };
    const { text, status } = await stream(server, body, { path: "/generate" });
    expect(status).toBe(200);
    expect(text).toContain('data: {"text":"","output_ids":[257],');
    expect(text).toContain(
      `"finish_reason":{"type":"abort","message":"${said}","status_code":400,"err_type":"BadRequestError"}`,
    );
  });

  it("answers 429 and when to come again, or flat, where the test says so", async () => {
    const busy = await refusal({ maxCalls: 0, overload: { status: 429, retryAfter: 2, message: "slow down" } });
    expect(busy).toMatchObject({ status: 429, body: expect.stringContaining('"code":429') as string });
    expect(busy.headers.get("retry-after")).toBe("2");
    expect(await refusal({ kind: "text", maxCalls: 0, overload: { flat: true } }, { prompt: "a" })).toMatchObject({
      status: 503,
      body: expect.stringMatching(/^\{"object":"error","message":"server busy/) as string,
    });
  });

  it("is what the model says it is: one call is refused, the next is taken", async () => {
    const model = (_: string, call: number) => (call === 0 ? { text: "", refusal: { status: 503 } } : "a");
    const server = await open({ model });
    expect((await stream(server)).status).toBe(503);
    expect((await stream(server)).status).toBe(200);
    expect(server.running).toBe(0);
  });
});

describe("a key", () => {
  it.each<[FakeKind, string, number]>([
    ["vllm", "/v1/completions", 401],
    ["vllm", "/tokenize", 200],
    ["sglang", "/tokenize", 401],
    ["text", "/v1/completions", 401],
  ])("that is missing at %s's %s: %i", async (kind, path, status) => {
    const server = await open({ kind, apiKey: "k1" });
    const response = await send(server, { prompt: "a" }, { path });
    expect(response.status).toBe(status);
    if (status === 401) expect(await response.text()).toBe('{"error":"Unauthorized"}');
    const right = await send(server, { prompt: "a" }, { path, headers: { authorization: "bearer k1" } });
    expect(right.status).toBe(200);
    expect((await fetch(`${server.baseURL}/health`)).status).toBe(200);
  });
});

describe("a model, a field or an id that a server does not know", () => {
  it("is 404 on vLLM alone", async () => {
    expect((await refusal({ kind: "vllm" }, { model: "nope" })).status).toBe(404);
    expect((await refusal({ kind: "sglang" }, { model: "nope" })).body).toContain('"model":"nope"');
    expect((await refusal({ kind: "text" }, { model: "nope", prompt: "a" })).status).toBe(200);
  });

  it("is ignored, or refused as TensorRT-LLM does", async () => {
    expect((await refusal({}, { stop_tokens_ids: [1] })).status).toBe(200);
    expect(await refusal({ unknownFields: "refused" }, { stop_tokens_ids: [1] })).toMatchObject({
      status: 400,
      body: `{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'stop_tokens_ids')}]","type":"BadRequestError","param":null,"code":400}`,
    });
  });

  it("kills SGLang", async () => {
    const server = await open({ kind: "sglang" });
    await expect(send(server, { prompt: [256, 5000] })).rejects.toThrow("fetch failed");
    await expect(fetch(`${server.baseURL}/health`)).rejects.toThrow("fetch failed");
  });
});

it("a model of the test's own that throws is an error of the server", async () => {
  const model = (): string => {
    throw new Error("not a prompt that is known");
  };
  expect(await stream(await open({ model }))).toMatchObject({
    status: 500,
    text: expect.stringContaining("not a prompt that is known") as string,
  });
});
