import { ThreadweaverError } from "../../errors.ts";
import { readRows } from "../../eval/datasets/rows/read.ts";
import { badFile, type Row } from "../../eval/datasets/rows/row.ts";
import { select } from "../../eval/datasets/select.ts";
import type { TraceSource } from "../../trajectories/rewriting/options.ts";

interface TraceFlags {
  readonly columns: Readonly<Record<string, string>>;
  readonly filter: Readonly<Record<string, readonly string[]>>;
  readonly limit: number | undefined;
  readonly shuffle: number | undefined;
}

/** What columns are called, where nothing else is said: the first that a row has is taken. */
const usual = {
  id: ["id", "uuid"],
  question: ["question", "problem", "prompt"],
  trace: ["trace", "response", "text", "solution"],
  answer: ["answer", "reference"],
} as const;

type Part = keyof typeof usual;

/**
 * The sequential traces of a file: rows with a question and a trace, or with `messages`, whose last turn is the trace.
 *
 * @throws `file` where a row has none, with its place; `invalid_option` for columns that there are not.
 */
export async function readTraces(path: string, flags: TraceFlags): Promise<TraceSource[]> {
  const { columns, filter, limit, shuffle } = flags;
  const other = Object.keys(columns).find((name) => !Object.hasOwn(usual, name));
  if (other !== undefined) {
    const message = `--columns names ${other}: it takes ${Object.keys(usual).join(", ")}.`;
    throw new ThreadweaverError("invalid_option", message);
  }
  const rows: { id: string; row: Row }[] = [];
  for await (const row of readRows(path)) {
    const id = textIn(row, "id", columns) ?? `${rows.length + 1}`;
    rows.push({ id, row });
  }
  if (rows.length === 0) throw new ThreadweaverError("file", `${path} has no rows. Give a file with traces.`);
  const taken = select(rows, { limit, seed: shuffle, ...(Object.keys(filter).length > 0 && { filter }) });
  return taken.map(({ id, row }) => traceOf(path, id, row, columns));
}

function traceOf(path: string, id: string, row: Row, columns: TraceFlags["columns"]): TraceSource {
  const chat = columns["trace"] === undefined ? turnsIn(row) : undefined;
  const question = textIn(row, "question", columns) ?? chat?.question;
  const trace = textIn(row, "trace", columns) ?? chat?.trace;
  if (question !== undefined && trace !== undefined) {
    return { id, question, trace, reference: textIn(row, "answer", columns) };
  }
  const what = `has no ${question === undefined ? "question" : "trace"}; it has ${Object.keys(row.columns).join(", ")}`;
  const remedy = "Say which columns hold them: --columns question=COLUMN,trace=COLUMN.";
  throw badFile(path, row.place, what, remedy);
}

function textIn({ columns: row }: Row, part: Part, columns: TraceFlags["columns"]): string | undefined {
  const names = columns[part] === undefined ? usual[part] : [columns[part]];
  const value = names.map((name) => row[name]).find((one) => typeof one === "string" || typeof one === "number");
  return value === undefined ? undefined : String(value);
}

/** The last question of a chat, and the answer to it. */
function turnsIn({ columns: { messages } }: Row): { question: string; trace: string } | undefined {
  if (!Array.isArray(messages)) return undefined;
  const turns: readonly unknown[] = messages;
  const question = contentOf(turns.at(-2), "user");
  const trace = contentOf(turns.at(-1), "assistant");
  return question === undefined || trace === undefined ? undefined : { question, trace };
}

function contentOf(turn: unknown, role: string): string | undefined {
  if (typeof turn !== "object" || turn === null || !("role" in turn) || !("content" in turn)) return undefined;
  return turn.role === role && typeof turn.content === "string" ? turn.content : undefined;
}
