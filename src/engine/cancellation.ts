import * as z from "zod";
import type { EngineProfile } from "./profile.ts";
import type { ServerClient } from "./http/server-client.ts";

/** How long to wait for the server's answer, in milliseconds. A live server answers sooner. */
const patienceMs = 2000;

/**
 * Asks a server to end a call by its name, since some servers go on decoding after the connection was closed. Undefined
 * where the profile says that closing the connection is enough.
 */
export function cancellation(
  client: ServerClient,
  { cancel, paths: { abort: path }, request: { id: field } }: EngineProfile,
  id: string | undefined,
): (() => Promise<void>) | undefined {
  if (cancel === "close" || path === null || field === null || id === undefined) return undefined;
  return async () => {
    // The answer does not matter: the connection is closed next.
    await client.post(path, { [field]: id }, z.unknown(), AbortSignal.timeout(patienceMs)).catch(() => undefined);
  };
}
