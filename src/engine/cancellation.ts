import * as z from "zod";
import type { EngineProfile } from "./profile.ts";
import type { ServerClient } from "./http/server-client.ts";

/** Longer than a server that is alive takes to answer, shorter than a cancelled call should hold its connection. */
const patienceMs = 2000;

/**
 * Tells a server by name which call to end, since some go on decoding for a connection that is gone. Undefined where the
 * profile says that closing the connection is enough.
 */
export function cancellation(
  client: ServerClient,
  { cancel, paths: { abort: path }, request: { id: field } }: EngineProfile,
  id: string | undefined,
): (() => Promise<void>) | undefined {
  if (cancel === "close" || path === null || field === null || id === undefined) return undefined;
  return async () => {
    // Whatever it answers, the connection is closed next.
    await client.post(path, { [field]: id }, z.unknown(), AbortSignal.timeout(patienceMs)).catch(() => undefined);
  };
}
