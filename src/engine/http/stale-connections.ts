/** Error codes of a request on a connection that the server has just closed. */
const staleCodes: ReadonlySet<unknown> = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/**
 * Sends a request once more if its connection was closed before any answer. Servers close connections that were idle
 * for some seconds, and a request that is sent at that moment is lost although the server is fine. If the server is
 * gone, the second request fails too.
 */
export function retryStale(through: typeof fetch): typeof fetch {
  return async (input, init) => {
    try {
      return await through(input, init);
    } catch (error) {
      if (init?.signal?.aborted === true || !isStale(error)) throw error;
      return through(input, init);
    }
  };
}

function isStale(error: unknown): boolean {
  return error instanceof Error && staleCodes.has(Object.getOwnPropertyDescriptor(error.cause ?? {}, "code")?.value);
}
