/**
 * What all promises give, in their order. If some fail, it waits for the others before it throws what the first of them failed
 * with: an answer that is paid for must come before its journal is closed.
 */
export async function allAnswered<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
