import type { Observe, ObservedEnd, ObservedEvent } from "../run/observe.ts";
import type { RunSummary } from "../run/result.ts";

/** What lines are written to: pino, `console`, or anything with these four methods. Fields are JSON. */
export interface Logger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

type Level = keyof Logger;
type Fields = Readonly<Record<string, unknown>>;

export interface LogRunsOptions {
  /** Whether lines name what plans say that their threads are for. @defaultValue false */
  captureText?: boolean | undefined;
}

/**
 * Writes the runs of a runner to a log. `info`: a run begins and ends, with its numbers. `warn`: an attempt broke off, a
 * warning, a run that its caller ended. `error`: a run failed. `debug`: each fork, thread, join and call. No line holds a
 * prompt or what was generated; messages of warnings and errors may quote a few words of it.
 *
 * @example
 * ```ts
 * const runner = createRunner({ engine, dialect: threadweaver, observe: logRuns(pino()) });
 * ```
 */
export function logRuns(logger: Logger, { captureText = false }: LogRunsOptions = {}): Observe {
  return ({ id, dialect, mode, seed, engine: { name, model } }) => {
    const log = (level: Level, message: string, fields: Fields): void => logger[level]({ run: id, ...fields }, message);
    log("info", "run begins", { dialect, mode, seed, engine: name, model });
    return {
      event(event) {
        const line = lineOf(event, captureText);
        if (line !== undefined) log(...line);
      },
      end: (end) => log(...lastLine(end)),
    };
  };
}

function lineOf(event: ObservedEvent, captureText: boolean): [Level, string, Fields] | undefined {
  switch (event.type) {
    case "run-start":
    case "run-end": // `end` says more
    case "call-first-token":
      return undefined;
    case "catch-up":
      return ["info", "run goes on", { at: event.at, threads: event.threads.length }];
    case "thread-start": {
      const { at, threadId, name, plan } = event;
      return ["debug", "thread begins", { at, threadId, ...(captureText && { name, plan }) }];
    }
    case "join": {
      const { at, threadId, forkId, criticalPath } = event;
      return ["debug", "threads are joined", { at, threadId, forkId, criticalPath }];
    }
    case "call-retry": {
      const { type: _type, ...fields } = event;
      return ["warn", "attempt broke off", fields];
    }
    case "warning": {
      const { at, threadId, code, message } = event;
      return ["warn", message, { at, threadId, code }];
    }
    default: {
      const { type, ...fields } = event;
      return ["debug", names[type], fields];
    }
  }
}

const names = {
  fork: "fork",
  "thread-end": "thread ends",
  "call-start": "request goes out",
  "call-end": "call ends",
} as const;

function lastLine({ result, error }: ObservedEnd): [Level, string, Fields] {
  const made = result ?? error?.partial;
  const numbers = made === undefined ? {} : numbersOf(made);
  if (error === undefined) return ["info", "run ends", numbers];
  const { code, message, status, threadId, attempts } = error;
  const level = code === "aborted" ? "warn" : "error";
  return [level, message, { code, status, threadId, attempts, ...numbers }];
}

function numbersOf(result: RunSummary): Fields {
  const { wallMs, ending, complete, tokens, usage, accelerationRatio, threads, retries } = result;
  const { generated, criticalPath, wasted } = tokens;
  const { inputTokens, cachedInputTokens } = usage;
  return {
    ms: wallMs,
    ending: ending.kind,
    complete,
    threads: threads.length,
    generated,
    criticalPath,
    wasted,
    inputTokens,
    cachedInputTokens,
    accelerationRatio,
    retries,
  };
}
