import { describe, expect, it, onTestFinished } from "vitest";
import { constraintOf } from "../../src/core/dialects/plan-form.ts";
import { skeleton } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import { startFakeServer, type FakeKind, type FakeServerOptions } from "../../src/testing/index.ts";

const form = skeleton.plan.source === "outline" ? skeleton.plan.form : undefined;
const { regex, gbnf } = form === undefined ? { regex: "", gbnf: "" } : constraintOf(form);
const messages = [{ role: "user", content: "Cats or dogs?" }];
const plan = "<plan>\n1. cats\n2. dogs\n</plan>";
const says = (prompt: string): string => {
  if (prompt.endsWith("cats\n") || prompt.endsWith("dogs\n")) return "Fine.</step>";
  return prompt.endsWith("<answer>\n") ? "Both." : plan;
};

type Refused = (body: Record<string, unknown>) => string | undefined;

/** The bodies of the requests of a run. */
async function bodiesOn(kind: FakeKind, refused?: Refused, options: Partial<FakeServerOptions> = {}) {
  const server = await startFakeServer({
    kind,
    ...options,
    model: (prompt, call) => {
      const message = refused?.(server.calls[call]?.body ?? {});
      return message === undefined ? says(prompt) : { text: "", refusal: { status: 400, message } };
    },
  });
  onTestFinished(() => server.close());
  const engine = await createEngine({ baseURL: server.baseURL, contextTokens: 4000 });
  onTestFinished(() => engine.close());
  const before = server.calls.length;
  const run = createRunner({ engine, dialect: skeleton }).run({ messages });
  const result = await run.result;
  const bodies = server.calls.slice(before).map(({ body }) => body);
  return { bodies, result, again: () => createRunner({ engine, dialect: skeleton }).run({ messages }).result, server };
}

describe("the form of a plan is asked for where a server can keep to one", () => {
  it.each([
    ["vllm", { structured_outputs: { regex } }],
    ["sglang", { regex }],
    ["sglang-native", { sampling_params: { regex } }],
    ["llamacpp", { grammar: gbnf }],
  ] as const)("%s: in the first call of a run only", async (kind, fields) => {
    const { bodies, result } = await bodiesOn(kind);
    expect(result.threads).toHaveLength(2);
    expect(bodies[0]).toMatchObject(fields);
    for (const body of bodies.slice(1)) expect(JSON.stringify(body)).not.toContain("structured_outputs");
    for (const body of bodies.slice(1)) expect(JSON.stringify(body)).not.toMatch(/"(regex|grammar)"/);
  });

  it.each(["text", "chat"] as const)("%s: never, since nothing is known of such a server", async (kind) => {
    const server = await startFakeServer({ kind, continuesChats: true, model: says });
    onTestFinished(() => server.close());
    await using engine = await createEngine({ baseURL: server.baseURL, contextTokens: 4000 });
    const input = kind === "text" ? { prompt: "Cats or dogs?" } : { messages };
    await createRunner({ engine, dialect: skeleton }).run(input).result;
    for (const { body } of server.calls)
      expect(JSON.stringify(body)).not.toMatch(/structured_outputs|"regex"|"grammar"/);
  });

  it("and is left out for good where the server refuses it, with one warning", async () => {
    const { result, again, server } = await bodiesOn("vllm", (body) =>
      "structured_outputs" in body ? "This build has no backend for structured outputs." : undefined,
    );
    expect(result.threads).toHaveLength(2);
    expect(result.warnings.map(({ code }) => code)).toEqual(["field-refused"]);
    const before = server.calls.length;
    expect((await again()).threads).toHaveLength(2);
    expect(server.calls.length - before).toBe(4);
  });

  it.each(["sglang", "sglang-native"] as const)(
    "%s without a grammar backend refuses it inside an answer: the call is made again without it",
    async (kind) => {
      const { bodies, result, again, server } = await bodiesOn(kind, undefined, { grammarBackend: "none" });
      const plain = await bodiesOn(kind);
      expect(result.text).toBe(plain.result.text);
      expect(result.tokens).toEqual(plain.result.tokens);
      expect(result.warnings.map(({ code }) => code)).toEqual(["field-refused"]);
      expect(result.warnings[0]?.message).toMatch(/refuses the field (sampling_params\.)?regex, /);
      // A call that was refused is none of those that the model saw.
      expect(bodies).toHaveLength(4);
      expect(JSON.stringify(bodies)).not.toContain('"regex"');
      const before = server.calls.length;
      expect((await again()).warnings).toEqual([]);
      expect(server.calls.length - before).toBe(4);
    },
  );
});
