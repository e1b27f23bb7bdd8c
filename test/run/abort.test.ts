import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { RunResult } from "../../src/run/result.ts";
import type { Run } from "../../src/run/run.ts";
import { createRunner } from "../../src/run/runner.ts";
import { planned, scriptedEngine } from "./scripted-engine.ts";

const hanging = planned({ "1": { text: " quick.\n</Thread>" }, "2": { text: " never ends", after: "hang" } });

async function failureOf(run: Run): Promise<ThreadweaverError & { partial: RunResult }> {
  const error: unknown = await run.result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!ThreadweaverError.isInstance(error)) throw new Error("the run did not fail as it should");
  return error as ThreadweaverError & { partial: RunResult };
}

/** Lets the run go on until one thread has ended and the other hangs. */
async function untilThreadEnds(run: Run): Promise<void> {
  for await (const event of run) if (event.type === "thread-end") return;
}

describe("cancelling a run", () => {
  it("closes what was written, keeps it in the error, and leaves nothing at the engine", async () => {
    const engine = scriptedEngine(hanging);
    const run = createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" });
    const reason = new Error("enough");
    for await (const event of run) {
      if (event.type === "thread-end" && event.id === "0/1.1") run.abort(reason);
      if (event.type === "join") break;
    }
    const error = await failureOf(run);
    expect(error.code).toBe("aborted");
    expect(error.cause).toBe(reason);
    expect(error.partial.ending).toEqual({ kind: "cut", by: "user" });
    expect(error.partial.text).toMatch(
      /\n<Thread>\n1: quick\.\n<\/Thread><Thread>\n2: [^<]*\n<\/Thread>\n<\/Parallel>$/,
    );
    expect(error.partial.threads.map((t) => t.ending.kind)).toEqual(["marker", "cut"]);
    expect(engine.running()).toBe(0);
  });

  it("happens when the listener leaves the loop", async () => {
    const engine = scriptedEngine(hanging);
    const run = createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" });
    await untilThreadEnds(run);
    expect((await failureOf(run)).code).toBe("aborted");
    expect(engine.running()).toBe(0);
  });

  it("happens through a signal, also one that was aborted before, and leaves no listener on it", async () => {
    const engine = scriptedEngine(hanging);
    const runner = createRunner({ engine, dialect: threadweaver });
    const before = runner.run({ prompt: "Q" }, { signal: AbortSignal.abort("too late") });
    expect((await failureOf(before)).cause).toBe("too late");
    expect(engine.requests).toEqual([]);

    const controller = new AbortController();
    const run = runner.run({ prompt: "Q" }, { signal: controller.signal });
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
    controller.abort("stop it");
    expect((await failureOf(run)).cause).toBe("stop it");
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  it("leaves no listener on a signal when the run ends by itself", async () => {
    const engine = scriptedEngine(() => ({ text: "12" }));
    const { signal } = new AbortController();
    await createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }, { signal }).result;
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("does nothing to a run that is over", async () => {
    const engine = scriptedEngine(() => ({ text: "12" }));
    const run = createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" });
    await run.result;
    run.abort();
    expect((await run.result).text).toBe("12");
  });
});
