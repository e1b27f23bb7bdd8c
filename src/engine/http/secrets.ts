/** Names of headers whose values grant access. Other values, such as a priority, may appear in messages. */
const authorising = /authorization|api-?key|token|secret|password|cookie/i;

export function isCredential(header: string): boolean {
  return authorising.test(header);
}

/** Shorter values are not keys, and would be found inside ordinary words. */
const shortest = 8;

/** Values that must not appear in a message, even if a server repeats them. The longest come first. */
export function secretsOf(apiKey: string | undefined, headers: Readonly<Record<string, string>>): string[] {
  const values = Object.entries(headers).flatMap(([name, value]) => (isCredential(name) ? [value] : []));
  // A server may repeat a credential without the scheme before it.
  const bare = values.map((value) => value.replace(/^(?:Bearer|Basic|Token)\s+/i, ""));
  const all = new Set([...(apiKey === undefined ? [] : [apiKey]), ...values, ...bare]);
  return [...all].filter(({ length }) => length >= shortest).toSorted((a, b) => b.length - a.length);
}

export function masked(message: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, "***"), message);
}
