/**
 * A request that got no answer, with the error that says why. The OpenAI client replaces errors that look like time-outs
 * by its own, which says nothing of them. It does not look into this one.
 */
export class ConnectionFailure extends Error {
  readonly error: unknown;

  constructor(error: unknown) {
    super("no answer");
    this.error = error;
  }
}

/** Keeps the errors of `fetch` as they are. */
export function keepErrors(through: typeof fetch): typeof fetch {
  return async (input, init) => {
    try {
      return await through(input, init);
    } catch (error) {
      throw new ConnectionFailure(error);
    }
  };
}
