import { checked, excerpt, type Checked, type Fault } from "../fault.ts";
import type { SourceTrace } from "./trace.ts";

/** The lines as a model is shown them, each after its number: `L1: …`. */
export function numberedLines({ lines }: Pick<SourceTrace, "lines">): string {
  return lines.map((line, i) => `L${i + 1}: ${line}`).join("\n");
}

/** Reads numbered lines back. A line without its number, or with another one, is a fault. */
export function readNumbered(text: string): Checked<readonly string[], "numbering"> {
  const faults: Fault<"numbering">[] = [];
  const lines = text.split("\n").map((line, i) => {
    const label = `L${i + 1}:`;
    if (line === label) return ""; // without the space that ended the line
    if (line.startsWith(`${label} `)) return line.slice(label.length + 1);
    const message = `Line ${i + 1} must begin with ${JSON.stringify(`${label} `)}, and is ${excerpt(line)}.`;
    faults.push({ code: "numbering", message, lines: { first: i + 1, last: i + 1 } });
    return line;
  });
  return checked(lines, faults);
}
