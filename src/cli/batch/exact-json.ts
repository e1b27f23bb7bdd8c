/** Node has had both since version 22; TypeScript's libraries have not. */
interface WithSources {
  rawJSON(text: string): object;
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
const json = JSON as unknown as WithSources;

/**
 * Reads JSON so that `JSON.stringify` writes every number as it stood: `1.0`, and `12345678901234567890`, which no number of
 * JavaScript holds. Such a number is an object here.
 */
export function parseExactly(text: string): unknown {
  return json.parse(text, (_, value, { source }) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? json.rawJSON(source) : value,
  );
}
