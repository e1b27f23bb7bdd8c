import { Writable } from "node:stream";
import pino from "pino";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { logRuns, type Logger } from "../../src/observe/index.ts";
import { ThreadweaverError } from "../../src/run/failure.ts";
import { createRunner } from "../../src/run/runner.ts";
import { faultyEngine } from "../run/faulty-engine.ts";
import { planned, scriptedEngine } from "../run/scripted-engine.ts";

const engine = () => scriptedEngine(planned({ "1": { text: " secret</Thread>" }, "2": { text: " b</Thread>" } }));

/** pino itself, and the lines that it writes. */
function logging(level: string): { logger: pino.Logger; lines: () => Record<string, unknown>[] } {
  let written = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      done();
    },
  });
  const logger = pino({ level, base: null, timestamp: false }, stream);
  return {
    logger,
    lines: () =>
      written
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const levels = { debug: 20, info: 30, warn: 40, error: 50 };

describe("runs as log lines", () => {
  it("are two for a run that goes well, with its numbers", async () => {
    const { logger, lines } = logging("info");
    const runner = createRunner({
      engine: engine(),
      dialect: threadweaver,
      observe: logRuns(logger),
      createId: () => "one",
    });
    const { tokens, wallMs } = await runner.run({ prompt: "Q" }, { seed: 3 }).result;
    expect(lines()).toEqual([
      {
        level: levels.info,
        run: "one",
        dialect: "threadweaver",
        mode: "fork-join",
        seed: 3,
        engine: "scripted",
        model: "script",
        msg: "run begins",
      },
      expect.objectContaining({
        level: levels.info,
        run: "one",
        ms: wallMs,
        complete: true,
        ending: "eos",
        threads: 2,
        generated: tokens.generated,
        criticalPath: tokens.criticalPath,
        retries: 0,
        msg: "run ends",
      }) as unknown,
    ]);
  });

  it("are one for each fork, thread, join and call, where details are wanted, and hold no text", async () => {
    const { logger, lines } = logging("debug");
    await createRunner({ engine: engine(), dialect: threadweaver, observe: logRuns(logger) }).run({
      prompt: "Question",
    }).result;
    const messages = lines().map(({ msg }) => msg);
    for (const [message, count] of [
      ["fork", 1],
      ["thread begins", 2],
      ["thread ends", 2],
      ["threads are joined", 1],
      ["request goes out", 4],
      ["call ends", 4],
    ] as const)
      expect(
        messages.filter((msg) => msg === message),
        message,
      ).toHaveLength(count);
    expect(JSON.stringify(lines())).not.toMatch(/secret|Question|part/);
  });

  it("say what threads are for, where that is asked for", async () => {
    const { logger, lines } = logging("debug");
    const observe = logRuns(logger, { captureText: true });
    await createRunner({ engine: engine(), dialect: threadweaver, observe }).run({ prompt: "Q" }).result;
    expect(lines().filter(({ plan }) => plan === "part")).toHaveLength(2);
  });

  it("warn of what broke off and of runs that were cancelled, and are errors for runs that failed", async () => {
    const { logger, lines } = logging("warn");
    const faulty = faultyEngine(engine(), (_, attempt) => (attempt === 1 ? { after: 1 } : undefined));
    const observe = logRuns(logger);
    await createRunner({ engine: faulty, dialect: threadweaver, observe }).run(
      { prompt: "Q" },
      { retry: { baseMs: 0 } },
    ).result;
    expect(lines()).toHaveLength(4);
    expect(lines()[0]).toMatchObject({
      level: levels.warn,
      msg: expect.any(String) as string,
      code: "engine_failed",
      attempt: 1,
    });

    const cancelled = createRunner({ engine: engine(), dialect: threadweaver, observe }).run({ prompt: "Q" });
    cancelled.abort();
    await expect(cancelled.result).rejects.toThrow(ThreadweaverError);
    expect(lines().at(-1)).toMatchObject({ level: levels.warn, code: "aborted", msg: "the run was cancelled" });

    const broken = scriptedEngine(() => ({ text: "half", after: "break" }));
    const failed = createRunner({ engine: broken, dialect: threadweaver, observe }).run({ prompt: "Q" });
    await expect(failed.result).rejects.toThrow(ThreadweaverError);
    expect(lines().at(-1)).toMatchObject({ level: levels.error, code: "engine_failed", generated: 4 });
  });

  it("can be the console's", async () => {
    const lines: unknown[][] = [];
    const write = (...line: unknown[]): void => void lines.push(line);
    const logger: Logger = { ...console, debug: write, info: write };
    await createRunner({ engine: engine(), dialect: threadweaver, observe: logRuns(logger) }).run({ prompt: "Q" })
      .result;
    expect(lines.at(-1)?.[1]).toBe("run ends");
  });
});
