import { ThreadweaverError } from "../../errors.ts";
import type { WaitedFor } from "../../errors.ts";

/** How long a server may be silent, in milliseconds, before a call fails with `timeout`. Such a call can be made again. */
export interface Timeouts {
  /** Longest time that a connection may take, TLS included. @defaultValue 10_000 */
  connectMs?: number | undefined;
  /**
   * Longest time from a request to the first part of its answer. The time in the server's queue counts. Headers do not
   * count as an answer, since some servers send them while the request is queued. Answers that are not streamed have
   * this time for all of it. @defaultValue 600_000
   */
  firstTokenMs?: number | undefined;
  /** Longest silence inside an answer that has begun. @defaultValue 120_000 */
  idleMs?: number | undefined;
}

export type TimeLimits = { readonly [K in keyof Timeouts]-?: number };

export function timeLimits({
  connectMs = 10_000,
  firstTokenMs = 600_000,
  idleMs = 120_000,
}: Timeouts = {}): TimeLimits {
  return { connectMs, firstTokenMs, idleMs };
}

const options: Record<WaitedFor, keyof Timeouts> = {
  connection: "connectMs",
  "first-token": "firstTokenMs",
  "next-token": "idleMs",
};

/**
 * The error of a server that was silent for too long.
 *
 * @param limits whose they are: those of `timeouts`, or what a dispatcher or a `fetch` of the user's says of its own.
 */
export function timeoutError(
  address: string,
  waitedFor: WaitedFor,
  limits: TimeLimits | { said: string },
  { cause, isWhole = false }: { cause: unknown; /** Whether the answer comes as one. */ isWhole?: boolean },
): ThreadweaverError {
  const facts = { cause, retryable: true, waitedFor };
  const what = describe(waitedFor, isWhole);
  if ("said" in limits) {
    const message = `${address} ${what} in time: ${limits.said} (a limit of the dispatcher or fetch that was given).`;
    return new ThreadweaverError("timeout", message, facts);
  }
  const option = options[waitedFor];
  return new ThreadweaverError("timeout", `${address} ${what} for ${limits[option]} ms (timeouts.${option}).`, facts);
}

function describe(waitedFor: WaitedFor, isWhole: boolean): string {
  if (waitedFor === "connection") return "took no connection";
  if (waitedFor === "next-token") return "sent nothing more of its answer";
  return isWhole ? "sent no answer" : "sent no token";
}
