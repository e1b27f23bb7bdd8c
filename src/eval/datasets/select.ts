import { ThreadweaverError } from "../../errors.ts";
import { checkWhole } from "../statistics/refuse.ts";
import { drawIndex, seededRandom } from "../statistics/random.ts";
import type { Entry } from "./entry.ts";
import { shorten } from "./rows/row.ts";

export type FieldValue = string | number | boolean;

/** Which problems of a dataset are taken. What is left out takes all, in the order of the file. */
export interface Selection {
  /** Columns and the value, or the values, that they may have. `5` and `"5"` are one value. */
  readonly filter?: Readonly<Record<string, FieldValue | readonly FieldValue[]>> | undefined;
  /** Only these. */
  readonly ids?: readonly string[] | undefined;
  /** Shuffles, the same way on every machine; with `limit` this draws a sample. A whole number. */
  readonly seed?: number | undefined;
  /** At most so many, counted after all else. */
  readonly limit?: number | undefined;
}

/** What is looked at of an entry. */
type Selectable = Pick<Entry, "id" | "row">;

/**
 * The entries that are taken.
 *
 * @throws `invalid_option` for a column or an id that there is not, and where nothing is left.
 */
export function select<E extends Selectable>(entries: readonly E[], { filter, ids, seed, limit }: Selection): E[] {
  let taken = [...entries];
  if (ids !== undefined) taken = withIds(taken, ids);
  for (const [column, wanted] of Object.entries(filter ?? {})) taken = filtered(taken, column, wanted);
  if (seed !== undefined) {
    checkWhole("seed", seed, 0, 2 ** 32 - 1);
    taken = shuffled(taken, seed);
  }
  if (limit === undefined) return taken;
  checkWhole("limit", limit, 1, Number.MAX_SAFE_INTEGER);
  return taken.slice(0, limit);
}

function withIds<E extends Selectable>(entries: readonly E[], ids: readonly string[]): E[] {
  const there = new Set(entries.map(({ id }) => id));
  const missing = ids.filter((id) => !there.has(id));
  if (missing.length > 0 || ids.length === 0) {
    const what = ids.length === 0 ? "ids is empty" : `The dataset has no problems with the ids ${missing.join(", ")}`;
    throw refused(`${what}. Its ids are such as ${shorten(entries.map(({ id }) => id).join(", "))}`);
  }
  const wanted = new Set(ids);
  return entries.filter(({ id }) => wanted.has(id));
}

function filtered<E extends Selectable>(
  entries: readonly E[],
  column: string,
  wanted: FieldValue | readonly FieldValue[],
): E[] {
  const values = new Set([wanted].flat().map(String));
  const kept = entries.filter(
    ({ row }) => Object.hasOwn(row.columns, column) && values.has(textOf(row.columns[column])),
  );
  if (kept.length > 0) return kept;
  const holders = entries.filter(({ row }) => Object.hasOwn(row.columns, column));
  if (holders.length === 0) {
    const columns = [...new Set(entries.flatMap(({ row }) => Object.keys(row.columns)))];
    throw refused(
      `filter names the column ${column}, which no problem that is left has. They have ${columns.join(", ")}`,
    );
  }
  const there = [...new Set(holders.map(({ row }) => textOf(row.columns[column])))];
  const asked = [...values].join(" or ");
  throw refused(`filter leaves no problem with ${column} = ${asked}. There are ${shorten(there.join(", "))}`);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** Fisher and Yates' shuffle. */
function shuffled<E>(entries: readonly E[], seed: number): E[] {
  const random = seededRandom(seed);
  const shuffling = [...entries];
  for (let left = shuffling.length; left > 1; left -= 1) {
    const index = drawIndex(random, left);
    const [drawn, last] = [shuffling[index], shuffling[left - 1]];
    if (drawn === undefined || last === undefined) break;
    shuffling[index] = last;
    shuffling[left - 1] = drawn;
  }
  return shuffling;
}

function refused(message: string): ThreadweaverError {
  return new ThreadweaverError("invalid_option", `${message}.`);
}
