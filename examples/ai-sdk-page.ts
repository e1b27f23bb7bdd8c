// A page that shows the threads of a model while they grow, over the AI SDK's own stream for pages.
// PORT=8080 node examples/ai-sdk-page.ts serves it; without PORT it asks itself once, checks what came, and ends.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { streamText } from "ai";
import { threadweaver } from "threadweaver";
import { createLanguageModel } from "threadweaver/ai-sdk";
import { bundledModel, llamaEngine } from "threadweaver/llama";

await using engine = await llamaEngine({ model: bundledModel });
const model = createLanguageModel({ engine, dialect: threadweaver });

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Threads</title>
<style>
  body { font: 14px/1.5 system-ui; color-scheme: light dark; }
  #threads { display: flex; gap: 1rem; }
  pre { white-space: pre-wrap; }
</style>
<form><input name="sum" value="37*64+82*19+45*71" aria-label="Sum"> <button>Work it out</button></form>
<h1 id="answer" aria-live="polite"></h1>
<div id="threads"></div>
<script type="module">
  const show = { "reasoning-start": start, "reasoning-delta": grow, "text-delta": answer };
  function start({ id, providerMetadata }) {
    const section = document.createElement("section");
    const name = document.createElement("h2");
    name.textContent = providerMetadata.threadweaver.plan ?? "main";
    const text = document.createElement("pre");
    text.id = id;
    section.append(name, text);
    document.getElementById("threads").append(section);
  }
  function grow({ id, delta }) { document.getElementById(id).append(delta); }
  function answer({ delta }) { document.getElementById("answer").append(delta); }
  document.forms[0].onsubmit = (event) => {
    event.preventDefault();
    document.getElementById("threads").replaceChildren();
    document.getElementById("answer").replaceChildren();
    const source = new EventSource("/ask?" + new URLSearchParams(new FormData(event.target)));
    source.onmessage = ({ data }) => {
      if (data === "[DONE]") return source.close();
      const part = JSON.parse(data);
      show[part.type]?.(part);
    };
    source.onerror = () => source.close();
  };
</script>
`;

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (url.pathname !== "/ask") {
    response.setHeader("content-type", "text/html");
    response.end(page);
    return;
  }
  const controller = new AbortController();
  // Who closes the page ends the run, and its calls at the engine.
  response.on("close", () => controller.abort());
  const prompt = `Q: ${url.searchParams.get("sum") ?? ""}`;
  const result = streamText({ model, prompt, temperature: 0, abortSignal: controller.signal });
  void result.pipeUIMessageStreamToResponse(response);
});
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1");
await once(server, "listening");
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
console.log(address);

if (process.env["PORT"] === undefined) {
  assert.match(await (await fetch(address)).text(), /<title>Threads<\/title>/);
  const events = (await (await fetch(`${address}/ask?sum=64*27%2B14*89`)).text()).split("\n\n");
  const parts = events
    .map((event) => event.replace(/^data: /, ""))
    .filter((data) => data.startsWith("{"))
    .map((data) => JSON.parse(data) as { type: string; id: string; delta: string });
  const started = parts.filter(({ type }) => type === "reasoning-start").map(({ id }) => id);
  assert.deepEqual(started, ["0", "0/1.1", "0/1.2"]);
  const answer = parts.filter(({ type }) => type === "text-delta").map(({ delta }) => delta);
  assert.equal(answer.join("").trim(), String.raw`\boxed{2974}`);
  server.close();
} else await once(server, "close");
