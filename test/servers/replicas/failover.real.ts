import { expect, it } from "vitest";
import { connect, runnerOn, transcripts } from "../support.ts";
import { expectReproduced, replicas } from "./support.ts";

/** The process group of the first replica. */
const group = Number(process.env["THREADWEAVER_REPLICA_GROUP"]);

it("runs on two addresses, of which one is killed, write what they would have written, and no token twice", async () => {
  const engine = await connect({ baseURL: replicas });
  const chosen = transcripts.slice(0, 6);
  const runs = chosen.map(({ prompt }) => runnerOn(engine).run({ prompt }));
  let [texts, isKilled] = [0, false];
  const reading = runs.map(async (run) => {
    for await (const event of run) {
      if (event.type !== "text") continue;
      texts += 1;
      if (texts < 200 || isKilled) continue;
      isKilled = true;
      process.kill(-group, "SIGKILL");
    }
  });
  await Promise.all(reading);
  const results = await Promise.all(runs.map((run) => run.result));
  for (const [n, result] of results.entries()) expectReproduced(result, chosen[n] as (typeof chosen)[number]);
  const retries = results.reduce((sum, result) => sum + result.retries, 0);
  console.log(`MEASURED killed after ${texts} texts: ${retries} calls were made again`);
  expect(retries).toBeGreaterThan(0);
  const lost = results.flatMap(({ warnings }) => warnings.filter(({ code }) => code === "address-lost"));
  expect(lost).toMatchObject([{ message: expect.stringContaining(replicas[0] ?? "") as string }]);
});
