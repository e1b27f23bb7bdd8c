import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEngine } from "../../../src/engine/openai.ts";
import { outcomeOf } from "../support.ts";
import { chats, delta, events, plainServer } from "./plain-server.ts";
import type { PlainServer } from "./plain-server.ts";

const answer = events(delta("yes"), delta("", "stop"));

/** A provider whose API is under this path, and that has nothing elsewhere. */
function under(path: string): Promise<PlainServer> {
  const chat = chats(() => ({ body: answer }));
  return plainServer((request) => {
    if (!request.path.startsWith(`${path}/`)) return undefined;
    const [asked = ""] = request.path.slice(path.length).split("?");
    return chat({ ...request, path: `/v1${asked}` });
  });
}

/**
 * Base URLs as they stand in documentation, where the API is under them, and the page that this was read on in November
 * 2026: the provider's own one, if it could be found.
 */
const providers: readonly [name: string, baseURL: string, path: string, page: string][] = [
  ["OpenAI", "https://api.openai.com/v1", "/v1", "https://github.com/openai/openai-node (README: baseURL)"],
  [
    "Azure",
    "https://NAME.openai.azure.com/openai/v1/",
    "/openai/v1",
    "https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle; the URL in https://docs.rs/crate/elph-ai/0.0.23",
  ],
  [
    "Azure, by deployment",
    "https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT?api-version=2024-10-21",
    "/openai/deployments/DEPLOYMENT",
    "https://www.mintlify.com/BoundaryML/baml/reference/providers/azure (its own page was not found)",
  ],
  [
    "OpenRouter",
    "https://openrouter.ai/api/v1",
    "/api/v1",
    "https://docs.boundaryml.com/ref/llm-client-providers/openai-generic-open-router",
  ],
  [
    "Together",
    "https://api.together.xyz/v1",
    "/v1",
    "https://www.mintlify.com/BoundaryML/baml/reference/providers/openai-compatible",
  ],
  [
    "Fireworks",
    "https://api.fireworks.ai/inference/v1",
    "/inference/v1",
    "https://www.skills.sh/ericrisco/rsc-harness/together-fireworks",
  ],
  [
    "Groq",
    "https://api.groq.com/openai/v1",
    "/openai/v1",
    "https://www.mintlify.com/BoundaryML/baml/reference/providers/openai-compatible",
  ],
  ["DeepInfra", "https://api.deepinfra.com/v1/openai", "/v1/openai", "https://docs.deepinfra.com/chat/overview"],
  [
    "Mistral",
    "https://api.mistral.ai/v1",
    "/v1",
    "https://docs.datafold.com/integrations/llm-providers/openai-compatible.md",
  ],
  [
    "DeepSeek",
    "https://api.deepseek.com",
    "/v1",
    "https://chat-deep.ai/docs/openai-sdk-to-deepseek (both forms, after DeepSeek's quick start)",
  ],
  ["Moonshot", "https://api.moonshot.ai/v1", "/v1", "https://platform.moonshot.ai/docs/api/chat.en-US"],
  [
    "Z.ai",
    "https://api.z.ai/api/paas/v4/",
    "/api/paas/v4",
    "https://github.com/0xPlaygrounds/rig/issues/1900 (its own page was not found)",
  ],
  [
    "Volcengine",
    "https://ark.cn-beijing.volces.com/api/v3/",
    "/api/v3",
    "https://www.volcengine.com/docs/82379/1298459",
  ],
  [
    "Gemini",
    "https://generativelanguage.googleapis.com/v1beta/openai/",
    "/v1beta/openai",
    "https://ai.google.dev/gemini-api/docs/openai",
  ],
  [
    "Cloudflare",
    "https://api.cloudflare.com/client/v4/accounts/ID/ai/v1",
    "/client/v4/accounts/ID/ai/v1",
    "https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility",
  ],
  [
    "Cloudflare's gateway",
    "https://gateway.ai.cloudflare.com/v1/ID/NAME/compat",
    "/v1/ID/NAME/compat",
    "https://docs.rs/crate/elph-ai/latest",
  ],
  [
    "NVIDIA NIM",
    "https://integrate.api.nvidia.com/v1",
    "/v1",
    "https://theneuralbase.com/nvidia-nim/learn/advanced/openai-client-direct/ (its own page was not found)",
  ],
  [
    "Hugging Face",
    "https://router.huggingface.co/v1",
    "/v1",
    "https://huggingface.co/changelog/inference-providers-openai-compatible",
  ],
  [
    "LM Studio",
    "http://localhost:1234/v1",
    "/v1",
    "https://www.mintlify.com/BoundaryML/baml/reference/providers/openai-compatible",
  ],
  ["Ollama", "http://localhost:11434/v1", "/v1", "https://swiftide.rs/integrations/openai-compatible.md"],
  [
    "llama-server",
    "http://localhost:8080/v1/chat/completions",
    "/v1",
    "https://www.mintlify.com/ggml-org/llama.cpp/inference/server (it prints the whole endpoint)",
  ],
  ["LiteLLM", "http://0.0.0.0:4000/", "/v1", "https://www.promptfoo.dev/docs/providers/litellm/"],
  [
    "vLLM behind nginx",
    "https://example.org/vllm/v1",
    "/vllm/v1",
    "https://jishuzhan.net/article/2006886248943239169 (vllm --root-path /vllm)",
  ],
];

describe("base URLs as providers print them", () => {
  it.each(providers)("%s: %s", async (_, printed, path) => {
    const server = await under(path);
    const { pathname, search } = new URL(printed);
    const baseURL = server.address + pathname + search;
    await using engine = await createEngine({ baseURL, apiKey: "key", contextTokens: 100 });
    expect((await outcomeOf(engine, { prompt: [0x110000, 81, 0x110000] })).text).toBe("yes");
    expect(server.requests.at(-1)?.path).toBe(`${path}/chat/completions${search}`);
    for (const request of server.requests) {
      expect(request.path.endsWith(search)).toBe(true);
      expect(request.headers).toMatchObject(search === "" ? { authorization: "Bearer key" } : { "api-key": "key" });
    }
  });

  it.each([
    ["/v1/chat/completions", "/v1"],
    ["/openai/v1/models", "/openai/v1"],
    ["/v1/completions/", "/v1"],
    ["/v1///", "/v1"],
    ["", "/v1"],
    ["/proxy/openai", "/proxy/openai/v1"],
    ["/inference", "/inference"],
    ["/v1/chat/completions?tenant=1", "/v1"],
    ["/openai/deployments/d/chat/completions?api-version=2024-10-21", "/openai/deployments/d"],
  ])("what is pasted too much or too little is found out: %s", async (pasted, path) => {
    const server = await under(path);
    await using engine = await createEngine({ baseURL: ` ${server.address}${pasted}`.trim(), contextTokens: 100 });
    expect((await outcomeOf(engine, { prompt: [0x110000, 81, 0x110000] })).text).toBe("yes");
  });

  it.each([
    ["https://user:pass@example.org/v1", /a key goes into apiKey or headers/],
    ["example.org/v1", /an address such as http/],
    ["ftp://example.org/v1", /an address such as http/],
  ])("one that cannot be used is told what to write: %s", async (baseURL, message) => {
    await expect(createEngine({ baseURL })).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringMatching(message) as string,
    });
  });
});

it("Azure's address names the model where there is no list, and takes a token of one's own as it is", async () => {
  const server = await plainServer((request) =>
    request.path.includes("/chat/")
      ? chats(() => ({ body: answer }))({ ...request, path: "/v1/chat/completions" })
      : undefined,
  );
  const baseURL = `${server.address}/openai/deployments/d?api-version=2024-10-21`;
  await using engine = await createEngine({ baseURL, headers: { Authorization: "Bearer entra" }, contextTokens: 100 });
  expect(engine.model).toBe("d");
  expect(engine.name).toBe(`${server.address}/openai/deployments/d`);
  for (const { headers } of server.requests) {
    expect(headers).toMatchObject({ authorization: "Bearer entra" });
    expect(headers).not.toHaveProperty("api-key");
  }
});

it("a key in the query is sent, and stands in no message", async () => {
  const server = await plainServer(({ path }) => ({ status: 400, body: { error: { message: `no: ${path}` } } }));
  const baseURL = `${server.address}/v1?key=0123456789abcdef`;
  const refused = await createEngine({ baseURL, model: "m" }).catch((error: unknown) => error);
  expect(server.requests.every(({ path }) => path.endsWith("?key=0123456789abcdef"))).toBe(true);
  expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).not.toContain("0123456789");
});

it.each([6000, 6666, 10_080])("a port that fetch blocks is told as such: %i", async (port) => {
  await expect(createEngine({ baseURL: `http://127.0.0.1:${port}/v1` })).rejects.toMatchObject({
    code: "engine_unavailable",
    retryable: false,
    message: expect.stringContaining(`fetch refuses the port ${port} of`) as string,
  });
});

describe("proxies of the environment", () => {
  const names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"];

  /** Sets variables for one test. */
  function environment(given: Record<string, string>): void {
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) delete process.env[name];
    Object.assign(process.env, given);
    onTestFinished(() => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    });
  }

  /** A proxy that alone knows where `model.internal.invalid` is. */
  async function proxyTo(target: string): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const { pathname } = new URL(request.url ?? "");
      const chunks: Uint8Array[] = [];
      request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "GET" } = request;
        const body = method === "GET" ? {} : { body: Buffer.concat(chunks) };
        void fetch(target + pathname, { method, headers: { "content-type": "application/json" }, ...body }).then(
          async (answered) => {
            response.writeHead(answered.status, { "content-type": answered.headers.get("content-type") ?? "" });
            response.end(await answered.text());
          },
        );
      });
    });
    proxy.on("connect", (request, socket, head) => {
      asked.push(`CONNECT ${request.url}`);
      const { hostname, port } = new URL(target);
      const upstream = connect(Number(port), hostname, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      for (const one of [socket, upstream]) one.on("error", () => {});
    });
    await new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
  }

  it.each(["HTTP_PROXY", "http_proxy"])("%s is used, also for streams", async (name) => {
    const server = await under("/v1");
    const proxy = await proxyTo(server.address);
    environment({ [name]: proxy.url });
    await using engine = await createEngine({ baseURL: "http://model.internal.invalid/v1", contextTokens: 100 });
    expect((await outcomeOf(engine, { prompt: [0x110000, 81, 0x110000] })).text).toBe("yes");
    expect(proxy.asked.at(-1)).toMatch(/model\.internal\.invalid/);
    expect(proxy.asked.length).toBe(server.requests.length);
  });

  it("this machine and what NO_PROXY lists are asked directly", async () => {
    const server = await under("/v1");
    const proxy = await proxyTo(server.address);
    environment({ HTTP_PROXY: proxy.url, NO_PROXY: "model.internal.invalid" });
    await using engine = await createEngine({ baseURL: server.address, contextTokens: 100 });
    expect(engine.model).toBe("m");
    await expect(createEngine({ baseURL: "http://model.internal.invalid/v1" })).rejects.toMatchObject({
      code: "engine_unavailable",
    });
    expect(proxy.asked).toEqual([]);
  });

  it("a dispatcher that is given wins", async () => {
    environment({ HTTP_PROXY: "http://127.0.0.1:9" });
    const server = await under("/v1");
    const { Agent } = await import("undici");
    await using engine = await createEngine({ baseURL: server.address, contextTokens: 100, dispatcher: new Agent() });
    expect(engine.model).toBe("m");
  });
});
