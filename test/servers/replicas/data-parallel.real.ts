import { expect, it } from "vitest";
import { connect } from "../support.ts";
import { cachedShare, say } from "./support.ts";

it("one server with two engines finds a run's prefixes where a header keeps the run on one of them", async () => {
  const engine = await connect();
  const apart = await cachedShare(engine);
  say("--data-parallel-size 2, without a header", apart);
  const together = await cachedShare(engine, (n) => ({ headers: { "X-data-parallel-rank": `${n % 2}` } }));
  say("--data-parallel-size 2, with X-data-parallel-rank", together);
  expect(together).toBeGreaterThan(apart);
});
