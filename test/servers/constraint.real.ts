import { expect, it } from "vitest";
import { constraintOf } from "../../src/core/dialects/plan-form.ts";
import { skeleton } from "../../src/core/dialects/bundled/index.ts";
import { outcomeOf, requestOf } from "../engine/support.ts";
import { apiKey, connect, encode, kind, url } from "./support.ts";

// A model of sums, which would write neither by itself.
const prompt = [256, ...encode("Q: 64*27+14*89\n")];

const constraint = { regex: "yes, (one|two)!", gbnf: 'root ::= "yes, " ("one" | "two") "!"' };

/** SGLang can be started without what keeps answers to a form, and then refuses it inside an answer that has begun. */
const keepsForms = kind !== "sglang" || (await grammarBackend()) !== "none";

async function grammarBackend(): Promise<unknown> {
  const headers: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const info = (await (await fetch(`${url}/server_info`, { headers })).json()) as Record<string, unknown>;
  return info["grammar_backend"];
}

it.runIf(keepsForms)("keeps an answer to a form, where a server is asked to", async () => {
  const { text, end, error } = await outcomeOf(await connect(), { prompt, constraint });
  expect(error).toBeUndefined();
  expect(end?.reason).toBe("stop");
  expect(text).toMatch(/^yes, (one|two)!$/);
});

it.skipIf(keepsForms).each([1, 8])(
  "goes on without a form where a server has no grammars, %i tokens a part",
  async (coalesce) => {
    const engine = await connect();
    const free = await outcomeOf(engine, { prompt, coalesce, maxTokens: 8 });
    const warnings: string[] = [];
    const ids: number[] = [];
    for await (const event of engine.complete(requestOf({ prompt, coalesce, maxTokens: 8, constraint }))) {
      if (event.type === "pieces") ids.push(...event.pieces.flatMap((piece) => [...(piece.ids ?? [])]));
      if (event.type === "warning") warnings.push(event.warning.message);
    }
    expect(ids).toEqual(free.ids);
    expect(warnings).toEqual([expect.stringMatching(/refuses the field (sampling_params\.)?regex, /)]);
    expect((await outcomeOf(engine, { prompt, coalesce, maxTokens: 8, constraint })).ids).toEqual(free.ids);
  },
);

it("takes the form of the bundled dialect", async () => {
  const form = skeleton.plan.source === "outline" ? skeleton.plan.form : undefined;
  const constraint = form && constraintOf(form);
  const { ids, error } = await outcomeOf(await connect(), { prompt, maxTokens: 4, constraint });
  expect(error).toBeUndefined();
  expect(ids).toHaveLength(4);
});
