import { ThreadweaverError } from "../../errors.ts";

/** Undefined where the server has no such path, or hides it. A server that is gone is still an error. */
export async function optional<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (ThreadweaverError.isInstance(error) && error.code !== "engine_refused" && error.code !== "engine_failed")
      throw error;
    return undefined;
  });
}
