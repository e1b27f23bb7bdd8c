/** JSON text that is the same for equal values, whatever the order of their fields. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => {
    if (typeof field !== "object" || field === null || Array.isArray(field) || isNumber(field)) return field;
    return Object.fromEntries(Object.entries(field).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** What `JSON.rawJSON` gives: a number as it stood in a text. It has no prototype, and one field. */
function isNumber(value: object): boolean {
  return Object.getPrototypeOf(value) === null && "rawJSON" in value;
}
