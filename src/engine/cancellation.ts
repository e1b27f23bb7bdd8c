import { z } from "zod";
import type { EngineProfile } from "./profile.ts";
import type { ServerClient } from "./http/server-client.ts";

/** Longer than a server that is alive takes to answer, shorter than a cancelled call should hold its connection. */
const patienceMs = 2000;

/**
 * The signal that closes a call's connection when its caller aborts: at once, or, where the profile says so, after the
 * server was told by name which call to end, since some servers go on decoding for a connection that is gone.
 */
export function cancellation(
  client: ServerClient,
  { cancel, paths, request }: EngineProfile,
  caller: AbortSignal,
  id: string | undefined,
): { signal: AbortSignal } & Disposable {
  const { abort: path } = paths;
  if (cancel === "close" || path === null || request.id === null || id === undefined) {
    return { signal: caller, [Symbol.dispose]() {} };
  }
  const field = request.id;
  const closing = new AbortController();
  const onAbort = (): void => {
    const told = client
      .post(path, { [field]: id }, z.unknown(), AbortSignal.timeout(patienceMs))
      .catch(() => undefined);
    void told.then(() => closing.abort(caller.reason));
  };
  if (caller.aborted) closing.abort(caller.reason);
  else caller.addEventListener("abort", onAbort, { once: true });
  return { signal: closing.signal, [Symbol.dispose]: () => caller.removeEventListener("abort", onAbort) };
}
