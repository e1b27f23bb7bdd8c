import { readLines } from "../../../files/text-lines.ts";
import { asRow, badFile, type Row } from "./row.ts";

/** A JSON object a line; empty lines are passed over. */
export async function* jsonLines(path: string): AsyncGenerator<Row, void, undefined> {
  for await (const { lines } of readLines(path)) {
    for (const { number, text } of lines) {
      const line = (number === 1 ? withoutMark(text) : text).trim();
      if (line !== "") yield asRow(parseLine(line, path, `line ${number}`), path, `line ${number}`);
    }
  }
}

function parseLine(line: string, path: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    // The parser knows of this line only.
    const why = (cause instanceof Error ? cause.message : String(cause)).replace("(line 1 column", "(column");
    throw badFile(path, place, `is no JSON: ${why}`, "Repair or remove the line.", cause);
  }
}

/** Without the byte order mark that some editors write in front of a file. */
export function withoutMark(text: string): string {
  return text.startsWith("\u{FEFF}") ? text.slice(1) : text;
}
