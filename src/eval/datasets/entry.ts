import { extractAnswer, isReadable, type PolicyName } from "../../grade/index.ts";
import { namesIn, type AnswerForm, type Columns } from "./columns.ts";
import type { Problem, Skipped } from "./problem.ts";
import { badFile, shorten, type Row } from "./rows/row.ts";

/** A row, and what became of it. */
export interface Entry {
  readonly row: Row;
  readonly id: string;
  readonly made: Problem | Skipped;
}

export interface Reading {
  readonly path: string;
  readonly columns: Columns;
  readonly policy: PolicyName;
}

/**
 * @param number of the row, from 1.
 * @throws `file` where a column is missing, or there is no question or id.
 */
export function entryOf(row: Row, number: number, { path, columns, policy }: Reading): Entry {
  refuseMissing(row, columns, path);
  const id = columns.id === undefined ? String(number) : idIn(row, columns.id, path);
  const question = questionIn(row, columns.question, path);
  const written = row.columns[columns.answer];
  const answer = answerIn(written, columns.form ?? "plain", policy);
  const leftOut = (value: unknown, why: string): Entry => {
    return { row, id, made: { id, place: row.place, answer: shorten(asText(value)), why } };
  };
  if ("why" in answer) return leftOut(written, answer.why);
  const forgiven = columns.tolerance === undefined ? undefined : row.columns[columns.tolerance];
  const tolerance = toleranceOf(forgiven);
  if (Number.isNaN(tolerance)) return leftOut(forgiven, "its tolerance is no number above 0");
  const whole = isText(written) && String(written).trim() === answer.text;
  const used = new Set([columns.id, columns.question, whole ? columns.answer : undefined]);
  const fields = Object.fromEntries(Object.entries(row.columns).filter(([name]) => !used.has(name)));
  const made = { id, question, answer: answer.text, ...(tolerance === undefined ? {} : { tolerance }), fields };
  return { row, id, made };
}

function refuseMissing(row: Row, columns: Columns, path: string): void {
  const missing = namesIn(columns).filter((name) => !Object.hasOwn(row.columns, name));
  if (missing.length === 0) return;
  const found = Object.keys(row.columns).join(", ");
  throw badFile(path, row.place, `has no ${missing.join(", ")}; it has ${found}`, "Give every row the same columns.");
}

function questionIn(row: Row, column: string, path: string): string {
  const question = row.columns[column];
  if (typeof question === "string" && question.trim() !== "") return question;
  const what = `has no question: ${column} is ${shorten(JSON.stringify(question) ?? "nothing")}`;
  throw badFile(path, row.place, what, "Write one, or remove the row.");
}

function idIn(row: Row, column: string, path: string): string {
  const id = row.columns[column];
  if ((typeof id === "string" && id !== "") || typeof id === "number") return String(id);
  const what = `has no id: ${column} is ${shorten(JSON.stringify(id) ?? "nothing")}`;
  throw badFile(path, row.place, what, "Give the row one, or leave `id` out of `columns` to number the rows.");
}

/** NaN where it cannot be used. */
function toleranceOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const tolerance = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
  return tolerance > 0 && tolerance < Infinity ? tolerance : Number.NaN;
}

/** The answer that stands in a column, or why there is none that can be graded. */
function answerIn(value: unknown, form: AnswerForm, policy: PolicyName): { text: string } | { why: string } {
  const parts = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  if (!parts.every(isText)) return { why: "it is neither text nor a number" };
  const text = parts.join(", ").trim();
  if (text === "") return { why: "it is empty" };
  const rule = form === "box" ? "lastBox" : form === "hashes" ? { pattern: /####\s*([^\n]+)/ } : "whole";
  const found = extractAnswer(text, rule);
  if (found.answer === undefined) return { why: found.why };
  return isReadable(found.answer, policy)
    ? { text: found.answer }
    : { why: "the grader reads it neither as mathematics nor as words" };
}

function isText(part: unknown): part is string | number {
  return typeof part === "string" || (typeof part === "number" && Number.isFinite(part));
}

function asText(value: unknown): string {
  if (Array.isArray(value) && value.every(isText)) return value.join(", ");
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}
