/** Whether a version such as `0.5.17` or `0.22.0rc1` is older than another one. False if it cannot be read. */
export function isOlder(version: string | undefined, than: string): boolean {
  const mine = numbersOf(version ?? "");
  if (mine.length === 0) return false;
  for (const [index, theirs] of numbersOf(than).entries()) {
    const own = mine[index] ?? 0;
    if (own !== theirs) return own < theirs;
  }
  return false;
}

function numbersOf(version: string): number[] {
  return /^v?(\d+(?:\.\d+)*)/.exec(version)?.[1]?.split(".").map(Number) ?? [];
}
