import { expect, it } from "vitest";
import { cacheShare } from "../../bench/engines/cache-share.ts";
import { createRunner } from "../../src/run/runner.ts";
import { connect, kind } from "./support.ts";

/** Tokens of a block of the server's cache. */
const block = kind === "vllm" ? 32 : 1;
const branches = Array.from({ length: 8 }, (_, i) => ({ ask: `Q: ${i + 2}*3`, maxTokens: 8 }));
const join = { combine: "{results}" };

/** A document of so many tokens; its model has a token for each byte, and no server has seen it before. */
const documentOf = (tokens: number, name: string): string =>
  Array.from({ length: tokens }, (_, i) => `${name} ${i}. `)
    .join("")
    .slice(0, tokens - 2);

// On llama.cpp's server each slot has a cache of its own.
it.skipIf(kind === "llamacpp")(
  "a trunk of 2,000 tokens is computed once for eight branches, cold and warm",
  async () => {
    const engine = await connect();
    const runner = createRunner({ engine });
    const began = Date.now();
    for (const fork of ["first", "second"]) {
      const messages = [{ role: "user", content: documentOf(2000, `${fork} ${began}`) }];
      for (const state of ["cold", "warm"]) {
        const result = await runner.fork({ messages }, branches, { tree: true, temperature: 0 }).result;
        expect(result.tokens.prompt).toBeGreaterThanOrEqual(1990);
        expect(result).toMatchObject({ retries: 0, threads: { length: 8 } });
        const { cached, shareable } = cacheShare(result, block);
        expect(shareable).toBeGreaterThanOrEqual(7 * 1952);
        expect(cached / shareable, `${fork} ${state}: ${cached} of ${shareable}`).toBeGreaterThanOrEqual(0.99);
      }
    }
  },
);

it("main goes on after the same trunk, with what the branches wrote", async () => {
  const engine = await connect();
  const messages = [{ role: "user", content: documentOf(1000, `joined ${Date.now()}`) }];
  const options = { tree: true, temperature: 0, maxTokens: 200, join } as const;
  const { tree, threads, text, tokens } = await createRunner({ engine }).fork({ messages }, branches, options).result;
  expect(threads.map(({ plan }) => plan)).toEqual(branches.map(({ ask }) => ask));
  for (const { text: own } of threads) expect(own).not.toBe("");
  expect(text).not.toBe("");
  const turn = tree.segments.find(({ maker }) => maker.by === "runtime" && maker.why === "return");
  expect(turn?.texts?.join("")).toContain(`8:\n${threads[7]?.text.trim()}`);
  expect(turn?.parent).toEqual({ segment: 0, n: 1 });
  if (kind !== "llamacpp") {
    const { cached, shareable } = cacheShare({ tree, tokens } as Parameters<typeof cacheShare>[0], block);
    expect(cached / shareable, `${cached} of ${shareable}`).toBeGreaterThanOrEqual(0.99);
  }
});
