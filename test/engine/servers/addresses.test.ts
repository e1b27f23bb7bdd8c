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
 * Base URLs as they stand in documentation, where the API is under them, and where this was read in November 2026: a page
 * of the provider's own, or a file in a repository of its own. Some print the whole endpoint.
 */
const providers: readonly [name: string, baseURL: string, path: string, page: string][] = [
  ["OpenAI", "https://api.openai.com/v1", "/v1", "https://github.com/openai/openai-openapi (openapi.yaml)"],
  [
    "Azure",
    "https://YOUR-RESOURCE-NAME.openai.azure.com/openai/v1/",
    "/openai/v1",
    "https://github.com/MicrosoftDocs/azure-ai-docs (articles/ai-foundry/openai/api-version-lifecycle.md)",
  ],
  [
    "Azure, by deployment",
    "https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT/chat/completions?api-version=2024-10-21",
    "/openai/deployments/DEPLOYMENT",
    "https://github.com/MicrosoftDocs/azure-ai-docs (articles/ai-services/openai/includes/api-versions/latest-inference.md)",
  ],
  ["OpenRouter", "https://openrouter.ai/api/v1", "/api/v1", "https://www.openrouter.ai/docs/quick-start"],
  [
    "Together",
    "https://api.together.ai/v1",
    "/v1",
    "https://docs.together.ai/docs/inference/openai-compatibility (api.together.xyz in older pages)",
  ],
  [
    "Fireworks",
    "https://api.fireworks.ai/inference/v1",
    "/inference/v1",
    "https://docs.fireworks.ai/tools-sdks/openai-compatibility.md",
  ],
  ["Groq", "https://api.groq.com/openai/v1", "/openai/v1", "https://console.groq.com/docs/openai"],
  ["DeepInfra", "https://api.deepinfra.com/v1/openai", "/v1/openai", "https://docs.deepinfra.com/chat/overview"],
  ["Mistral", "https://api.mistral.ai/v1", "/v1", "https://github.com/mistralai/platform-docs-public (openapi.yaml)"],
  ["DeepSeek", "https://api.deepseek.com", "/v1", "https://api-docs.deepseek.com/zh-cn/ (both forms)"],
  ["Moonshot", "https://api.moonshot.ai/v1", "/v1", "https://platform.moonshot.ai/docs/api/chat.en-US"],
  ["Z.ai", "https://api.z.ai/api/paas/v4/", "/api/paas/v4", "https://docs.z.ai/guides/develop/http/introduction"],
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
    "https://gateway.ai.cloudflare.com/v1/ID/default/compat/chat/completions",
    "/v1/ID/default/compat",
    "https://github.com/cloudflare/cloudflare-docs (src/content/docs/ai-gateway/usage/chat-completion.mdx)",
  ],
  [
    "NVIDIA NIM",
    "https://integrate.api.nvidia.com/v1/",
    "/v1",
    "https://github.com/NVIDIA/garak (garak/generators/nim.py; no page of its documentation could be read)",
  ],
  [
    "Hugging Face",
    "https://router.huggingface.co/v1",
    "/v1",
    "https://huggingface.co/changelog/inference-providers-openai-compatible",
  ],
  ["LM Studio", "http://localhost:1234/v1", "/v1", "https://lmstudio.ai/docs/api/openai-api"],
  [
    "Ollama",
    "http://localhost:11434/v1/",
    "/v1",
    "https://github.com/ollama/ollama (docs/api/openai-compatibility.mdx)",
  ],
  ["llama-server", "http://localhost:8080/v1", "/v1", "https://github.com/ggml-org/llama.cpp (tools/server/README.md)"],
  [
    "llama-server, its whole endpoint",
    "http://localhost:8080/v1/chat/completions",
    "/v1",
    "https://github.com/ggml-org/llama.cpp (tools/server/README.md)",
  ],
  ["LiteLLM", "http://0.0.0.0:4000", "/v1", "https://github.com/BerriAI/litellm (README.md)"],
  [
    "vLLM behind nginx",
    "https://example.org/vllm/v1",
    "/vllm/v1",
    "https://github.com/vllm-project/vllm (vllm/entrypoints/launchers/cli_args.py: root_path; the path is an example)",
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
