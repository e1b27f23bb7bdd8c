import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { createEngine } from "../../src/engine/openai.ts";
import { probeServer } from "../../src/engine/openai.ts";
import { FaultyProxy } from "../faulty-proxy.ts";
import { apiKey, connect, isOld, kind, markers, url } from "./support.ts";

it("finds out what the server is, what runs there and what forks cost", async () => {
  const report = await probeServer({ baseURL: url, apiKey, controls: markers });
  const siblings = report.cache?.coldSiblings.cachedTokens;
  // How many of them share depends on which come in time for one step.
  expect(siblings).toHaveLength(3);
  const stable = { ...report, address: "", cache: { ...report.cache, coldSiblings: undefined } };
  const golden = new URL(`golden/${isOld ? "sglang-old" : kind}.json`, import.meta.url);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, `${JSON.stringify(stable, null, 2)}\n`);
  expect(JSON.parse(JSON.stringify(stable))).toEqual(JSON.parse(readFileSync(golden, "utf8")));
});

it("takes at most 15 requests over at most 4 connections to start, and one of each with a report", async () => {
  const between = await new FaultyProxy(url).start();
  onTestFinished(() => between.close());
  let requests = 0;
  const count = (): void => void (requests += 1);
  subscribe("undici:request:create", count);
  onTestFinished(() => void unsubscribe("undici:request:create", count));
  const { report } = await connect({ baseURL: between.url });
  const first = { requests, connections: between.connections };
  console.log(`A start on ${kind}: ${JSON.stringify(first)}`);
  expect(first.requests).toBeGreaterThan(1);
  expect(first.requests).toBeLessThanOrEqual(15);
  expect(first.connections).toBeLessThanOrEqual(4);
  await connect({ baseURL: between.url, report });
  expect({ requests, connections: between.connections }).toEqual({
    requests: first.requests + 1,
    connections: first.connections + 1,
  });
});

it("connects without the long measurement, and measures when asked", async () => {
  expect((await connect()).report.forkCost).toBe("unknown");
  const { report } = await connect({ measureCache: true });
  expect(report.forkCost).toBe(kind === "vllm" ? "aligned(32)" : "shared");
});

it.runIf(kind === "vllm")("refuses a model that the server does not have, and names those it has", async () => {
  const creating = createEngine({ baseURL: url, apiKey, model: "nope" });
  await expect(creating).rejects.toMatchObject({
    code: "engine_refused",
    message: `${url} has no model nope. It has: forkjoin-arith`,
  });
});

it.runIf(kind === "sglang")("warns of a model that is not listed: SGLang takes any name for its only one", async () => {
  const engine = await createEngine({ baseURL: url, apiKey, model: "nope" });
  onTestFinished(() => engine.close());
  expect(engine.warnings.map(({ code }) => code)).toContain("model-unlisted");
});

it.skipIf(apiKey === undefined)("says how to give a key to a server that wants another one", async () => {
  const host = new URL(url).host;
  for (const wrong of [undefined, "sk-wrong"]) {
    const error: unknown = await createEngine({ baseURL: url, apiKey: wrong }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "engine_refused",
      message: expect.stringContaining(`${host} answered 401: it needs a valid apiKey`) as string,
    });
    expect(String(error)).not.toContain("sk-wrong");
  }
});
