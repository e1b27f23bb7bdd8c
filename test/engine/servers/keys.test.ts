import { describe, expect, it, onTestFinished } from "vitest";
import { asyncthink } from "../../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../../src/engine/openai.ts";
import type { ThreadweaverError } from "../../../src/errors.ts";
import { createRunner } from "../../../src/run/runner.ts";
import { outcomeOf } from "../support.ts";
import { chats, delta, engineOn, events, plainServer } from "./plain-server.ts";
import type { PlainAnswer } from "./plain-server.ts";

const secret = "sk-trial-0123456789/+=";
const prompt = [0x110000, 81, 0x110000];
const answer = chats(() => ({ body: events(delta("yes"), delta("", "stop")) }));

describe("keys", () => {
  it.each([` ${secret}\n`, `\t${secret}`, `Bearer ${secret}`, `bearer  ${secret}\r\n`])(
    "are sent without what was copied with them: %j",
    async (apiKey) => {
      const { server } = await engineOn(answer, { apiKey });
      expect(server.requests.every(({ headers }) => headers.authorization === `Bearer ${secret}`)).toBe(true);
    },
  );

  it.each([
    ["sk-trial…cdef", /apiKey has U\+2026 as its character 9, .* was it copied shortened/],
    ["sk-trial\ncdef", /apiKey has a line feed as its character 9/],
    ["sk-trial cdef", /apiKey has a space as its character 9/],
    ["sk-trial\u200bcdef", /apiKey has U\+200B as its character 9/],
    [" \n", /apiKey is empty/],
  ])("that no header can hold are refused before they are sent: %j", async (apiKey, message) => {
    const server = await plainServer(answer);
    const error = await createEngine({ baseURL: server.address, apiKey }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "invalid_option", message: expect.stringMatching(message) as string });
    expect((error as Error).message).not.toContain("cdef");
    expect(server.requests).toEqual([]);
  });

  it.each([
    [{ "X-Api-Key": "abc…" }, /headers\.X-Api-Key has U\+2026 as its character 4/],
    [{ "X Tenant": "a" }, /"X Tenant", which is no name of an HTTP header/],
    [{ "X-Tenant": "a\nb" }, /headers\.X-Tenant has a line feed/],
  ])("headers are checked too: %j", async (headers, message) => {
    await expect(createEngine({ baseURL: "http://127.0.0.1:9", headers })).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringMatching(message) as string,
    });
  });

  it("may come from a function, which is asked before each request", async () => {
    let count = 0;
    const { engine, server } = await engineOn(answer, { apiKey: async () => `key-${++count}\n` });
    await outcomeOf(engine, { prompt });
    const sent = server.requests.map(({ headers }) => headers.authorization);
    expect(new Set(sent).size).toBe(server.requests.length);
    expect(sent.at(-1)).toBe(`Bearer key-${count}`);
  });

  it("a function that fails is told as such, and may be tried again", async () => {
    const apiKey = (): never => {
      throw new Error(`no token for ${secret}`);
    };
    const error = await createEngine({ baseURL: "http://127.0.0.1:9", apiKey }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "engine_unavailable", retryable: true });
    expect((error as Error).message).toBe("The function that was given as apiKey failed, so no request was sent.");
    await expect(createEngine({ baseURL: "http://127.0.0.1:9", apiKey: () => 7 as never })).rejects.toMatchObject({
      code: "invalid_option",
      message: "The function that was given as apiKey must return a string; it returned number.",
    });
  });

  it("headers of the engine win over a key", async () => {
    const { server } = await engineOn(answer, { apiKey: "other", headers: { Authorization: "Basic abcdefgh" } });
    expect(server.requests.every(({ headers }) => headers.authorization === "Basic abcdefgh")).toBe(true);
  });
});

describe("secrets", () => {
  /** All that an error carries. */
  function everything(error: unknown): string {
    const seen = new Set<unknown>();
    const walk = (value: unknown): string => {
      if (typeof value !== "object" || value === null) return String(value);
      if (seen.has(value)) return "";
      seen.add(value);
      return Reflect.ownKeys(value)
        .map((name) => walk(Reflect.get(value, name)))
        .join(" ");
    };
    return walk(error);
  }

  const forms: readonly [string, string][] = [
    ["as it is", secret],
    ["with its scheme", `Bearer ${secret}`],
    ["in an address", encodeURIComponent(secret)],
    ["in Base64", Buffer.from(secret).toString("base64")],
    ["in JSON", JSON.stringify({ key: secret })],
  ];
  const places: readonly [string, (said: string) => PlainAnswer][] = [
    ["a refusal", (said) => ({ status: 400, body: { error: { message: `bad key ${said}` } } })],
    ["a failure", (said) => ({ status: 500, body: `<html><title>${said}</title></html>` })],
    ["a busy server", (said) => ({ status: 429, body: { detail: said } })],
    ["a wrong key", (said) => ({ status: 401, body: { error: { message: `Incorrect API key provided: ${said}` } } })],
    ["an error inside HTTP 200", (said) => ({ body: events({ error: { message: said } }) })],
    ["an answer that broke off", (said) => ({ body: `${events(delta("a"))}oops ${said}\n\n` })],
    ["data that is no JSON", (said) => ({ body: `data: {"oops": ${said}\n\n${events(delta("a", "stop"))}` })],
  ];

  it.each(forms.flatMap(([form, said]) => places.map(([place, make]) => [form, place, said, make] as const)))(
    "%s, in %s, stand in no message, cause, event or result",
    async (_form, _place, said, make) => {
      const { engine } = await engineOn(
        chats(() => make(said)),
        { apiKey: ` ${secret} ` },
      );
      const seen: unknown[] = [];
      const run = createRunner({ engine, dialect: asyncthink }).run(
        { messages: [{ role: "user", content: "Q" }] },
        { onEvent: (event) => seen.push(event), retry: { perCall: 1, baseMs: 0 } },
      );
      const error = await run.result.then(
        () => undefined,
        (thrown: unknown) => thrown as ThreadweaverError,
      );
      expect(error).toBeDefined();
      for (const [, hidden] of forms.slice(0, 4)) {
        expect(everything(error)).not.toContain(hidden);
        expect(JSON.stringify(seen)).not.toContain(hidden);
      }
    },
  );

  it("that are ordinary words make no message unreadable: ours stay as they are", async () => {
    const { engine, server } = await engineOn(
      chats(() => ({ status: 400, body: { error: { message: "no completions today" } } })),
      { apiKey: "completions" },
    );
    const { error } = await outcomeOf(engine, { prompt });
    expect((error as Error).message).toBe(`${server.address}/v1 refused the request (HTTP 400). It said: no *** today`);
  });

  it("that rotate are hidden too", async () => {
    let last = "";
    const server = await plainServer(({ path, headers }) =>
      path === "/v1/models"
        ? { body: { data: [{ id: "m" }] } }
        : { status: 400, body: { error: { message: `bad ${headers.authorization ?? ""}` } } },
    );
    const apiKey = (): string => (last = `rotating-${Math.random()}`);
    const error = await createEngine({ baseURL: server.address, apiKey }).catch((thrown: unknown) => thrown);
    onTestFinished(() => {});
    expect((error as Error).message).toContain("***");
    expect(everything(error)).not.toContain(last);
  });
});
