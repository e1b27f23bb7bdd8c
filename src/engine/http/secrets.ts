/** Headers whose values let somebody in. Any other value, such as a priority, may stand in a message. */
const authorising = /authorization|api-?key|token|secret|password|cookie/i;

/** Shorter values are no keys, and would be found inside ordinary words. */
const shortest = 8;

/** What must not stand in a message, even where a server repeats it. */
export function secretsOf(apiKey: string | undefined, headers: Readonly<Record<string, string>>): string[] {
  const values = Object.entries(headers).flatMap(([name, value]) => (authorising.test(name) ? [value] : []));
  // A server may repeat a credential without the scheme before it.
  const bare = values.map((value) => value.replace(/^(?:Bearer|Basic|Token)\s+/i, ""));
  const all = new Set([...(apiKey === undefined ? [] : [apiKey]), ...values, ...bare]);
  return [...all].filter(({ length }) => length >= shortest).toSorted((a, b) => b.length - a.length);
}

export function masked(message: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, "***"), message);
}
