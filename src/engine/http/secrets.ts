/** Names of headers and queries whose values grant access. Other values, such as a priority, may appear in messages. */
const authorising = /authorization|api-?key|^key$|token|secret|password|cookie|^sig(?:nature)?$/i;

export function isCredential(header: string): boolean {
  return authorising.test(header);
}

/** Shorter values are not keys, and would be found inside ordinary words. */
const shortest = 8;

/**
 * Values that must not appear in what a server says, in each form in which it may repeat them. The longest come first.
 */
export function secretsOf(apiKey: string | undefined, headers: Readonly<Record<string, string>>): string[] {
  const values = Object.entries(headers).flatMap(([name, value]) => (isCredential(name) ? [value.trim()] : []));
  // A server may repeat a credential without the scheme before it.
  const bare = values.map((value) => value.replace(/^(?:Bearer|Basic|Token)\s+/i, ""));
  const all = [...(apiKey === undefined ? [] : [apiKey]), ...values, ...bare];
  const long = all.filter(({ length }) => length >= shortest);
  return [...new Set(long.flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
}

/** A secret as it is, in an address, in JSON, in Base64. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("base64"),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
  ];
}

export function masked(message: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, "***"), message);
}

/** The secrets of a client. Keys that rotate are added as they come. */
export class Secrets {
  readonly #fixed: readonly string[];
  #keys: string[] = [];

  constructor(headers: Readonly<Record<string, string>>) {
    this.#fixed = secretsOf(undefined, headers);
  }

  /** Adds a key that is sent. The last few are remembered: an answer may come late. */
  add(key: string): void {
    if (this.#keys.includes(key)) return;
    this.#keys = [key, ...this.#keys].slice(0, rememberedKeys);
  }

  /** All of them, and those of one request. */
  with(headers: Readonly<Record<string, string>> = {}): string[] {
    const keys = this.#keys.flatMap((key) => secretsOf(key, {}));
    return [...new Set([...this.#fixed, ...keys, ...secretsOf(undefined, headers)])].toSorted(
      (a, b) => b.length - a.length,
    );
  }
}

const rememberedKeys = 8;
