import { expect, it } from "vitest";
import { connect } from "../support.ts";
import { cachedShare, counter, replicas, say } from "./support.ts";

const finished = "vllm:request_success_total";

/** How many calls each worker has finished. */
function counts(): Promise<number[]> {
  return Promise.all(replicas.map((url) => counter(url, finished)));
}

it("a router that hashes our session header keeps each run on one worker, where its prefixes are cached", async () => {
  const engine = await connect();
  let before = await counts();
  const used = new Set<number>();
  const together = await cachedShare(engine, undefined, async () => {
    const after = await counts();
    const own = after.map((count, at) => count - (before[at] ?? 0));
    before = after;
    expect(own.filter((count) => count > 0)).toHaveLength(1);
    used.add(own.findIndex((count) => count > 0));
  });
  expect(used.size).toBe(2); // the runs are spread
  say("vllm-router, consistent_hash, with X-Session-ID", together);

  const headerless = await connect({ profile: { request: { sessionHeaders: [] } } });
  const apart = await cachedShare(headerless);
  say("vllm-router, consistent_hash, without X-Session-ID", apart);
  expect(together).toBeGreaterThan(apart);
});
