import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import type { FakeServer } from "../../src/testing/index.ts";
import { open } from "./support.ts";

/** All that comes over a connection, until the server closes it. */
async function raw(server: FakeServer, line: string, body = ""): Promise<string> {
  const socket = connect(Number(new URL(server.baseURL).port), "127.0.0.1");
  const head = [
    line,
    "host: a",
    "connection: close",
    "content-type: application/json",
    `content-length: ${body.length}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  let text = "";
  socket.setEncoding("utf8").on("data", (data: string) => (text += data));
  await once(socket, "close");
  return text.replace(/date: .* GMT/, "date: …");
}

const completion = JSON.stringify({ prompt: [256], stream: true, max_tokens: 1 });

it.each([
  ["vllm", "transfer-encoding"],
  ["sglang", "Transfer-Encoding"],
] as const)("%s's headers are uvicorn's, and each event is a chunk of its own", async (kind, coding) => {
  const text = await raw(await open({ kind }), "POST /v1/completions HTTP/1.1", completion);
  const [head, ...chunks] = text.split("\r\n\r\n");
  expect(head?.split("\r\n")).toEqual([
    "HTTP/1.1 200 OK",
    "date: …",
    "server: uvicorn",
    "content-type: text/event-stream; charset=utf-8",
    "vary: Origin",
    `${coding}: chunked`,
  ]);
  expect(chunks.join("\r\n\r\n")).toMatch(/^[\da-f]+\r\ndata: \{.*\}\n\n\r\ne\r\ndata: \[DONE\]\n\n\r\n0\r\n\r\n$/);
});

it("an answer that is not streamed has a length", async () => {
  expect(await raw(await open(), "GET /version HTTP/1.1")).toBe(
    'HTTP/1.1 200 OK\r\ndate: …\r\nserver: uvicorn\r\ncontent-length: 20\r\ncontent-type: application/json\r\nvary: Origin\r\n\r\n{"version":"0.32.0"}',
  );
});
