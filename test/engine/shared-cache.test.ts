import { describe, expect, it } from "vitest";
import { SharedCache } from "../../src/engine/tokenizer/shared-cache.ts";

/** A computation that is settled by hand. */
function pending() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const signals: AbortSignal[] = [];
  const compute = (signal: AbortSignal): Promise<string> => {
    signals.push(signal);
    return promise;
  };
  return { compute, signals, resolve, reject };
}

describe("what several ask for at once", () => {
  it("is computed once, and remembered", async () => {
    const cache = new SharedCache<string>(2);
    const { compute, signals, resolve } = pending();
    const both = Promise.all([cache.get("a", compute), cache.get("a", compute)]);
    expect(cache.peek("a")).toBeUndefined();
    resolve("A");
    expect(await both).toEqual(["A", "A"]);
    expect(await cache.get("a", compute)).toBe("A");
    expect(cache.peek("a")).toBe("A");
    expect(signals).toHaveLength(1);
  });

  it("goes on when one of them gives up, and ends when the last one does", async () => {
    const cache = new SharedCache<string>(2);
    const { compute, signals } = pending();
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [cache.get("a", compute, first.signal), cache.get("a", compute, second.signal)];
    first.abort();
    await expect(asked[0]).rejects.toMatchObject({ code: "aborted" });
    expect(signals[0]?.aborted).toBe(false);
    second.abort();
    await expect(asked[1]).rejects.toMatchObject({ code: "aborted" });
    expect(signals[0]?.aborted).toBe(true);
  });

  it("is computed anew after all have given up", async () => {
    const cache = new SharedCache<string>(2);
    const controller = new AbortController();
    const abandoned = cache.get("a", pending().compute, controller.signal);
    controller.abort();
    await expect(abandoned).rejects.toMatchObject({ code: "aborted" });
    expect(await cache.get("a", () => Promise.resolve("A"))).toBe("A");
  });

  it("is not remembered where it fails", async () => {
    const cache = new SharedCache<string>(2);
    await expect(cache.get("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await cache.get("a", () => Promise.resolve("A"))).toBe("A");
  });
});

it("what was not asked for lately is forgotten, and long texts are not remembered", async () => {
  const cache = new SharedCache<string>(2);
  for (const key of ["a", "b"]) cache.put(key, key);
  await cache.get("a", () => Promise.reject(new Error("it is there")));
  cache.put("c", "c");
  expect(["a", "b", "c"].map((key) => cache.peek(key))).toEqual(["a", undefined, "c"]);
  const long = "x".repeat(2000);
  await cache.get(long, () => Promise.resolve("long"));
  expect(cache.peek(long)).toBeUndefined();
});
