import { expect, it } from "vitest";
import { constraintOf } from "../../src/core/dialects/plan-form.ts";
import { skeleton } from "../../src/core/dialects/bundled/index.ts";
import { outcomeOf } from "../engine/support.ts";
import { connect, encode, kind } from "./support.ts";

// A model of sums, which would write neither by itself.
const prompt = [256, ...encode("Q: 64*27+14*89\n")];

it.skipIf(kind === "sglang")("keeps an answer to a form, where a server is asked to", async () => {
  const constraint = { regex: "yes, (one|two)!", gbnf: 'root ::= "yes, " ("one" | "two") "!"' };
  const { text, end, error } = await outcomeOf(await connect(), { prompt, constraint });
  expect(error).toBeUndefined();
  expect(end?.reason).toBe("stop");
  expect(text).toMatch(/^yes, (one|two)!$/);
});

it("takes the form of the bundled dialect", async () => {
  const form = skeleton.plan.source === "outline" ? skeleton.plan.form : undefined;
  const constraint = form && constraintOf(form);
  const { ids, error } = await outcomeOf(await connect(), { prompt, maxTokens: 4, constraint });
  expect(error).toBeUndefined();
  expect(ids).toHaveLength(4);
});
