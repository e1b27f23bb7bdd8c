import { describe, expect, it } from "vitest";
import { outcomeOf } from "../support.ts";
import { chats, engineOn, events, part, plainServer, texts } from "./plain-server.ts";
import type { PlainAnswer } from "./plain-server.ts";
import { createEngine } from "../../../src/engine/openai.ts";

async function errorOf(answer: PlainAnswer): Promise<unknown> {
  const { engine } = await engineOn(texts(() => answer));
  return (await outcomeOf(engine, { prompt: [81] })).error;
}

describe("an error inside HTTP 200", () => {
  it.each<[string, NonNullable<PlainAnswer["body"]>]>([
    ["the usual object", events({ error: { message: "no GPU left" } })],
    ["a string", events({ error: "no GPU left" })],
    ["beside choices", events({ choices: [], error: { message: "no GPU left" } })],
    [
      "inside a choice",
      events({ choices: [{ error: { code: 502, message: "no GPU left" }, finish_reason: "error" }] }),
    ],
    ["with detail", events({ detail: "no GPU left" })],
    ["a list of errors", events({ errors: [{ message: "no GPU left" }] })],
    ["flat, with a code", events({ code: "InternalError", message: "no GPU left" })],
    ["a type and a nested error", events({ type: "error", error: { type: "api_error", message: "no GPU left" } })],
    ["a status beside a success", events({ base_resp: { status_code: 1013, status_msg: "no GPU left" } })],
    ["success: false", events({ success: false, message: "no GPU left" })],
    ["by the name of its event", "event: error\ndata: no GPU left\n\n"],
    ["by the name of its event, as JSON", 'event: error\ndata: {"message":"no GPU left"}\n\n'],
    ["a field of its own", 'error: {"message":"no GPU left"}\n\n'],
    ["not streamed", { error: { message: "no GPU left" } }],
    ["a list that is not streamed", [JSON.stringify([{ error: { message: "no GPU left" } }])]],
    ["JSON inside a string", events({ error: { message: { detail: [{ msg: "no GPU left" }] } } })],
  ])("%s", async (_, body) => {
    expect(await errorOf({ body })).toMatchObject({
      code: "engine_failed",
      retryable: true,
      message: expect.stringContaining("no GPU left") as string,
    });
  });

  it.each<[object, number, boolean]>([
    [{ error: { message: "slow down", code: 429 } }, 429, true],
    [{ error: { message: "slow down", code: "rate_limit_exceeded" } }, 429, true],
    [{ error: { message: "bad", type: "invalid_request_error" } }, 400, false],
    [{ error: { message: "bad", code: "400" } }, 400, false],
  ])("%j has its status", async (error, status, retryable) => {
    expect(await errorOf({ body: events(error) })).toMatchObject({ status, retryable });
  });

  it("what a server says besides is told where an answer broke off", async () => {
    expect(await errorOf({ body: `${events(part("a"))}upstream connect error\n\n` })).toMatchObject({
      message: expect.stringMatching(/without a finish reason\. It said: upstream connect error/) as string,
    });
  });

  it("a page is told by its title", async () => {
    const body = `<!DOCTYPE html><html><head><title>Sign in</title></head><body>${"<p>x</p>".repeat(2000)}</body></html>`;
    const error = await errorOf({ body, headers: { "content-type": "text/html" } });
    expect(error).toMatchObject({ code: "engine_refused", retryable: false });
    expect((error as Error).message).toMatch(/a page titled "Sign in"$/);
  });
});

describe("pages and redirects instead of answers", () => {
  const page = (title: string): string =>
    `<html>\r\n<head><title>${title}</title></head><body>${"x".repeat(8000)}</body></html>`;

  it.each([
    [502, "502 Bad Gateway"],
    [524, "example.org | 524: A timeout occurred"],
  ])("a page of a gateway with HTTP %i is shortened to its title", async (status, title) => {
    const error = (await errorOf({ status, body: page(title), headers: { "content-type": "text/html" } })) as Error;
    expect(error).toMatchObject({ code: "engine_failed", status, retryable: true });
    expect(error.message).toMatch(/failed \(HTTP \d+\)\. It said: a page titled "/);
    expect(error.message).toContain(title);
    expect(error.message.length).toBeLessThan(250);
  });

  it("a long text is shortened", async () => {
    const error = (await errorOf({ status: 500, body: "oh no ".repeat(1000) })) as Error;
    expect(error.message.length).toBeLessThan(800);
  });

  it("an error in a list, as Gemini writes it, is read", async () => {
    expect(
      await errorOf({ status: 400, body: [JSON.stringify([{ error: { code: 400, message: "no such field" } }])] }),
    ).toMatchObject({
      code: "engine_refused",
      message: expect.stringMatching(/HTTP 400\)\. It said: no such field$/) as string,
    });
  });

  it.each([301, 302, 303, 307, 308])("a redirect to another server is told with its address: %i", async (status) => {
    const other = await plainServer(chats(() => ({ body: "" })));
    const { address } = await plainServer(({ path }) => ({ status, headers: { location: other.address + path } }));
    const creating = createEngine({ baseURL: `${address}/v1`, apiKey: "sk-secret-1234", contextTokens: 100 });
    await expect(creating).rejects.toMatchObject({
      code: "engine_refused",
      status,
      message: expect.stringContaining(`redirects to ${other.address}/v1 (HTTP ${status})`) as string,
    });
    expect(other.requests).toEqual([]);
  });

  it("a redirect to a path of the same server that keeps the request is followed", async () => {
    const stream = texts(() => ({ body: events(part("ab", "stop")) }));
    const { engine } = await engineOn((request) =>
      request.path.endsWith("/")
        ? stream({ ...request, path: request.path.slice(0, -1) })
        : { status: 307, headers: { location: `${request.path}/` } },
    );
    expect((await outcomeOf(engine, { prompt: [81] })).text).toBe("ab");
  });
});
