import { describe, expect, it } from "vitest";
import { asyncthink, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { createEngine, probeServer } from "../../../src/engine/openai.ts";
import { createRunner } from "../../../src/run/runner.ts";
import { startFakeServer } from "../../../src/testing/index.ts";
import { outcomeOf } from "../support.ts";
import { chats, delta, engineOn, events, part, plainServer, texts } from "./plain-server.ts";
import type { PlainAnswer, PlainAnswers, PlainRequest } from "./plain-server.ts";

const messages = [{ role: "user", content: "Q" }];
const answer = events(delta("yes"), delta("", "stop"));
const chat = chats(() => ({ body: answer }));

/** The same server, with another list of models. */
function listing(models: PlainAnswer | undefined, server: PlainAnswers = chat): PlainAnswers {
  return (request) => (request.path === "/v1/models" ? models : server(request));
}

const refusal = (status: number, message: string, more: object = {}): PlainAnswer => ({
  status,
  body: { error: { message, ...more } },
});

describe("lists of models", () => {
  it.each<[string, PlainAnswer | undefined]>([
    ["a bare list", { body: JSON.stringify([{ id: "m", object: "model" }]) }],
    ["a list in models", { body: { models: [{ id: "m" }] } }],
    ["none", undefined],
    ["a page", { body: "<html><title>Hello</title></html>" }],
    ["an empty list", { body: { data: [] } }],
    ["null", { body: { object: "list", data: null } }],
    ["forbidden to this key", refusal(403, "no scope")],
    ["not implemented", { status: 405, body: { detail: "Method Not Allowed" } }],
  ])("%s will do where the model is given", async (_, models) => {
    const { engine } = await engineOn(listing(models), { model: "m" });
    expect(engine.model).toBe("m");
    expect((await outcomeOf(engine, { prompt: [0x110000, 81, 0x110000] })).error).toBeUndefined();
  });

  it("a bare list names the model where none is given", async () => {
    const { engine } = await engineOn(listing({ body: JSON.stringify([{ id: "first" }, { id: "second" }]) }));
    expect(engine.model).toBe("first");
  });

  it.each<[string, PlainAnswer | undefined, RegExp]>([
    [
      "without one",
      undefined,
      /has no list of models \(\/v1\/models\)\. Is baseURL right\? Then say which model to use: model\./,
    ],
    [
      "without a model in it",
      { body: { data: [] } },
      /lists no model\. Is one loaded\? Or say which one to use: model\.$/,
    ],
  ])("%s, a model has to be given", async (_, models, message) => {
    await expect(engineOn(listing(models))).rejects.toMatchObject({
      code: "engine_refused",
      message: expect.stringMatching(message) as string,
    });
  });

  it("a name that is not listed is asked for, with a warning; the server knows best", async () => {
    const listed = listing({ body: { data: [{ id: "openai/gpt-oss-120b", context_length: 131_072 }] } });
    const { engine, server } = await engineOn(listed, { model: "openai/gpt-oss-120b:nitro", contextTokens: undefined });
    expect(engine.model).toBe("openai/gpt-oss-120b:nitro");
    expect(engine.contextTokens).toBe(131_072);
    expect(server.requests.at(-1)?.body["model"]).toBe("openai/gpt-oss-120b:nitro");
    expect(engine.warnings.map(({ code }) => code)).toEqual(["model-unlisted", "text-mode"]);
    expect(engine.warnings[0]?.message).toContain("It has: openai/gpt-oss-120b");
  });

  it("Ollama's names without a tag are listed", async () => {
    const { engine } = await engineOn(listing({ body: { data: [{ id: "llama3.2:latest" }] } }), { model: "llama3.2" });
    expect(engine.model).toBe("llama3.2");
    expect(engine.warnings.map(({ code }) => code)).toEqual(["text-mode"]);
  });

  it("a model that the server does not have either is told with those that it has", async () => {
    const all: PlainAnswers = ({ path }) =>
      path === "/v1/models"
        ? { body: { data: [{ id: "a" }, { id: "b" }] } }
        : refusal(404, "The model `c` does not exist");
    await expect(engineOn(all, { model: "c" })).rejects.toMatchObject({
      code: "engine_refused",
      message: expect.stringMatching(/has no model c\. It has: a, b$/) as string,
    });
  });
});

describe("the length of the context", () => {
  it.each<[string, object]>([
    ["OpenRouter", { context_length: 8192, top_provider: { context_length: 4096 } }],
    ["Together", { context_length: 4096 }],
    ["Groq", { context_window: 4096 }],
    ["Mistral", { max_context_length: 4096 }],
    ["DeepInfra", { metadata: { context_length: 4096 } }],
    ["LM Studio", { max_context_length: 131_072, loaded_context_length: 4096 }],
  ])("is read from the list of models as %s writes it", async (_, more) => {
    const { engine } = await engineOn(listing({ body: { data: [{ id: "m", ...more }] } }), {
      contextTokens: undefined,
    });
    expect(engine.contextTokens).toBe(4096);
  });

  it.each<[string, string, object]>([
    ["LM Studio", "/api/v0/models", { data: [{ id: "m", loaded_context_length: 4096 }] }],
    ["Ollama", "/api/ps", { models: [{ name: "m:latest", context_length: 4096 }] }],
    ["LiteLLM", "/model/info", { data: [{ model_name: "m", model_info: { max_input_tokens: 4096 } }] }],
    ["TGI", "/info", { max_total_tokens: 4096 }],
  ])("is asked for where %s has it", async (_, path, body) => {
    const there: PlainAnswers = (request) => (request.path === path ? { body } : chat(request));
    const { engine } = await engineOn(there, { contextTokens: undefined });
    expect(engine.contextTokens).toBe(4096);
  });

  it("may stay unknown: a chat runs to the server's own limit", async () => {
    const { engine, server } = await engineOn(chat, { contextTokens: undefined });
    expect(engine).toMatchObject({ contextTokens: Infinity, report: { contextTokens: undefined } });
    const run = createRunner({ engine, dialect: asyncthink }).run({ messages });
    expect(await run.result).toMatchObject({ text: "yes" });
    expect(server.requests.at(-1)?.body).not.toHaveProperty("max_tokens");
  });

  it("may stay unknown to the probe, which reports the rest", async () => {
    const { address } = await plainServer(chat);
    const report = await probeServer({ baseURL: address });
    expect(report).toMatchObject({ tier: "chat-only", contextTokens: undefined });
  });
});

describe("fields that a server does not take", () => {
  /** Chats that refuse these fields, one at a time. */
  const strict = (refuse: (body: Record<string, unknown>) => PlainAnswer | undefined): PlainAnswers => {
    return (request) => (request.method === "POST" ? refuse(request.body) : undefined) ?? chat(request);
  };
  const runOn = async (answers: PlainAnswers, options: object = {}): Promise<PlainRequest[]> => {
    const { engine, server } = await engineOn(answers);
    const runner = createRunner({ engine, dialect: asyncthink });
    const result = await runner.run({ messages }, options).result;
    expect(result).toMatchObject({ text: "yes", retries: 0 });
    const before = server.requests.length;
    await runner.run({ messages }, options).result;
    expect(server.requests.length - before, "requests of a second run").toBe(1);
    return server.requests;
  };

  it("OpenAI's reasoning models: max_tokens has another name, and temperature is left out", async () => {
    const requests = await runOn(
      strict((body) => {
        if ("max_tokens" in body) {
          const message =
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
          return refusal(400, message, { param: "max_tokens", code: "unsupported_parameter" });
        }
        if ("temperature" in body && body["temperature"] !== 1) {
          const message =
            "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.";
          return refusal(400, message, { param: "temperature", code: "unsupported_value" });
        }
        return undefined;
      }),
      { maxTokens: 50 },
    );
    expect(requests.at(-1)?.body).toMatchObject({ max_completion_tokens: 50 });
  });

  it("Mistral: what it does not know is extra_forbidden", async () => {
    const requests = await runOn(
      strict((body) => {
        const extra = ["stream_options", "seed"].filter((field) => field in body);
        if (extra.length === 0) return undefined;
        const detail = extra.map((field) => ({
          type: "extra_forbidden",
          loc: ["body", field],
          msg: "Extra inputs are not permitted",
        }));
        return { status: 422, body: { object: "error", message: { detail }, type: "invalid_request_error" } };
      }),
    );
    expect(requests.at(-1)?.body).not.toHaveProperty("seed");
  });

  it("a field that the user asked for and that has to be left out is told, once", async () => {
    const { engine } = await engineOn(
      strict((body) =>
        "temperature" in body ? refusal(400, "Unrecognized request argument supplied: temperature") : undefined,
      ),
    );
    // It was noticed when the engine was created.
    const result = await createRunner({ engine, dialect: asyncthink }).run({ messages }, { temperature: 0.5 }).result;
    expect(result.text).toBe("yes");
    const told = result.warnings.filter(({ code }) => code === "field-refused");
    expect(told).toHaveLength(1);
    expect(told[0]?.message).toContain("temperature");
  });

  it("a wrong value is no unknown field: the server's refusal is the answer", async () => {
    const { engine } = await engineOn(
      strict((body) => (Number(body["seed"] ?? 1) < 7 ? undefined : refusal(400, "seed must be smaller than 7"))),
    );
    await expect(createRunner({ engine, dialect: asyncthink }).run({ messages }).result).rejects.toMatchObject({
      code: "engine_refused",
      message: expect.stringContaining("seed must be smaller than 7") as string,
    });
  });

  it("what is asked first has the fields of a run, and is streamed", async () => {
    const { server } = await engineOn(strict(() => undefined));
    const probes = server.requests.filter(({ path }) => path.endsWith("completions"));
    expect(probes[0]?.body).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      seed: 1,
    });
  });

  it("a seed that is left out from the start is told in the run that asks for it", async () => {
    const { engine } = await engineOn(
      strict((body) => ("seed" in body ? refusal(400, "Unrecognized request argument supplied: seed") : undefined)),
    );
    const result = await createRunner({ engine, dialect: asyncthink }).run({ messages }, { temperature: 1, seed: 3 })
      .result;
    expect(result.text).toBe("yes");
    expect(result.warnings.map(({ message }) => message)).toContainEqual(expect.stringContaining("takes no seed"));
  });

  it("a refusal that names nothing is taken for one of what is optional", async () => {
    const requests = await runOn(
      strict((body) => ("stream_options" in body ? refusal(400, "Bad Request") : undefined)),
    );
    expect(requests.at(-1)?.body).not.toHaveProperty("stream_options");
  });

  it("a field of extraBody is never left out", async () => {
    const { engine } = await engineOn(
      strict((body) => (body["seed"] === 7 ? refusal(400, "Unknown field: seed") : undefined)),
    );
    const run = createRunner({ engine, dialect: asyncthink }).run({ messages }, { extraBody: { seed: 7 } });
    await expect(run.result).rejects.toMatchObject({
      message: expect.stringContaining("Unknown field: seed") as string,
    });
  });

  it("a server that only streams is asked for streams", async () => {
    const { engine } = await engineOn(
      strict((body) => (body["stream"] === true ? undefined : refusal(400, "This model only supports stream mode"))),
    );
    expect(engine.tier).toBe("chat-only");
  });
});

describe("evidence", () => {
  const ids = (body: Record<string, unknown>): object =>
    body["return_token_ids"] === true ? { token_ids: [120] } : {};
  /** vLLM behind a proxy that drops what it does not know from streams. */
  const proxied =
    (streams: boolean): PlainAnswers =>
    ({ path, body }) => {
      if (path === "/v1/models") return { body: { data: [{ id: "m", max_model_len: 1000 }] } };
      if (path === "/tokenize") return { body: { tokens: Array.from(String(body["prompt"]), (c) => c.charCodeAt(0)) } };
      if (path === "/detokenize") {
        return { body: { prompt: String.fromCharCode(...(body["tokens"] as number[])) } };
      }
      if (path !== "/v1/completions") return undefined;
      if (body["stream"] !== true) return { body: { choices: [{ text: "x", ...ids(body), finish_reason: "length" }] } };
      return { body: events({ choices: [{ text: "x", ...(streams ? ids(body) : {}), finish_reason: "length" }] }) };
    };

  it("ids in an answer and none in a stream are no ids: the tier is text, and it says so", async () => {
    const { engine } = await engineOn(proxied(false));
    expect(engine.tier).toBe("text");
    expect(engine.warnings.map(({ code }) => code)).toEqual(["text-mode"]);
    const run = createRunner({ engine, dialect: threadweaver }).run(
      { prompt: "Q" },
      { mode: "sequential", maxTokens: 1 },
    );
    expect((await run.result).text).toBe("x");
  });

  it("ids in both are ids", async () => {
    expect((await engineOn(proxied(true))).engine.tier).toBe("ids");
  });

  it("a proxy that fails at a prompt of ids is asked with text (LiteLLM: HTTP 500)", async () => {
    const message = "Unmapped prompt format. Your prompt is neither a list of strings nor a string. prompt=[97]";
    const stream = texts(() => ({ body: events(part("x", "stop")) }));
    const { engine } = await engineOn((request) =>
      Array.isArray(request.body["prompt"]) ? refusal(500, message) : (proxied(true)(request) ?? stream(request)),
    );
    expect(engine.report.profile.request.promptAs).toBe("text");
    expect(engine.tier).toBe("text");
  });

  it("a server that fails at everything is not taken for anything", async () => {
    await expect(
      engineOn(listing({ body: { data: [{ id: "m" }] } }, () => refusal(500, "out of memory"))),
    ).rejects.toMatchObject({ code: "engine_failed", status: 500, retryable: true });
  });

  it("completions that put the prompt into a template are known by the count of its tokens", async () => {
    const templated: PlainAnswers = (request) => {
      if (request.path !== "/v1/completions") return chat(request);
      if (typeof request.body["prompt"] !== "string") return refusal(400, "prompt: a string");
      return { body: { choices: [{ text: "Hi!", finish_reason: "length" }], usage: { prompt_tokens: 26 } } };
    };
    const { engine } = await engineOn(templated);
    expect(engine.tier).toBe("chat-only");
    expect(engine.warnings.map(({ code }) => code)).toEqual(["text-mode"]);
    expect(engine.warnings[0]?.message).toMatch(
      /26 tokens for one letter\), so they cannot be used: running in text mode/,
    );
  });

  it("completions that count a begin of sequence are raw", async () => {
    const raw = texts(() => ({ body: events(part("x", "stop")) }));
    const counting: PlainAnswers = (request) => {
      const said = raw(request);
      const isWhole =
        request.path === "/v1/completions" && request.body["stream"] !== true && said?.status === undefined;
      return isWhole ? { body: { ...(said?.body as object), usage: { prompt_tokens: 2 } } } : said;
    };
    expect((await engineOn(counting)).engine.tier).toBe("text");
  });

  it.each<[string, PlainAnswer]>([
    ["a page", { body: "<!doctype html><title>App</title>" }],
    ["an empty object", { body: {} }],
    ["a status", { body: { status: "ok", version: "1" } }],
  ])("a server that answers everything with %s has neither completions nor chats", async (_, all) => {
    await expect(engineOn(listing({ body: { data: [{ id: "m" }] } }, () => all))).rejects.toMatchObject({
      code: "engine_refused",
      message: expect.stringContaining("has neither completions (/v1/completions) nor chats") as string,
    });
  });

  it("a server that answers any other path with something is taken for what its completions are", async () => {
    const { engine } = await engineOn(
      (request) => chat(request) ?? (request.method === "GET" ? { body: {} } : undefined),
    );
    expect(engine.report.kind).toBe("generic");
    expect(engine.tier).toBe("chat-only");
  });
});

describe("the requests of a start", () => {
  it.each(["vllm", "sglang", "sglang-native", "llamacpp", "text", "chat"] as const)(
    "are 15 at most, over 4 connections at most: %s",
    async (kind) => {
      await using server = await startFakeServer({ kind, model: () => "a" });
      await using engine = await createEngine({ baseURL: server.baseURL });
      expect(engine.contextTokens).toBeGreaterThan(1000);
      expect(server.requests.length).toBeLessThanOrEqual(15);
      expect(server.connections).toBeLessThanOrEqual(4);
    },
  );

  it("are few too on a server that says nothing of itself", async () => {
    const { server } = await engineOn(chat, { contextTokens: undefined });
    expect(server.requests.length).toBeLessThanOrEqual(15);
    expect(server.connections()).toBeLessThanOrEqual(4);
  });
});
