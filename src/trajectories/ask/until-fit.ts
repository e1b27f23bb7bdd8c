import type { RunMessage } from "../../run/input.ts";
import { refused, type Checked, type Fault } from "../fault.ts";
import type { Asker, Reply } from "./asker.ts";

/** `cut`: the answer reached its most tokens, or a filter of the server's kept the rest. */
export type AskedCode = "cut";

export interface AskedUntilFit<T, Code extends string> {
  readonly step: string;
  readonly messages: readonly RunMessage[];
  readonly read: (reply: string) => Checked<T, Code>;
  /** How often it is asked at most. */
  readonly tries: number;
}

/** Faults that are named in a second question, and characters of the answer that it repeats: a lost model writes on and on. */
const mostFaults = 8;
const mostRepeated = 12_000;

/** Asks until the answer fits, each time with what was wrong with the last one. Gives the last faults where none did. */
export async function askUntilFit<T, Code extends string>(
  asker: Asker,
  { step, messages, read, tries }: AskedUntilFit<T, Code>,
): Promise<Checked<T, Code | AskedCode>> {
  let last: Checked<T, Code | AskedCode> = refused({ code: "cut", message: "It was never asked." });
  let asked = messages;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each question follows from the answer before it
    const reply = await asker.ask(step, asked, attempt);
    const found = read(reply.text);
    if (found.value !== undefined) return found;
    last = reply.finish === "stop" ? found : refused<Code | AskedCode>(cutFault(reply), ...found.faults);
    asked = [...messages, ...again(reply, attempt + 1, last.faults)];
  }
  return last;
}

function cutFault({ finish }: Reply): Fault<AskedCode> {
  const why = finish === "length" ? "It became too long, and was cut" : "A filter of the server's kept the rest";
  return { code: "cut", message: `${why}. Answer with less.` };
}

/** No question is the same as one before it, or a model that takes the likeliest tokens would answer the same again. */
function again({ text }: Reply, attempt: number, faults: readonly Fault[]): RunMessage[] {
  const named = faults.slice(0, mostFaults).map(({ message }) => `- ${message}`);
  if (faults.length > mostFaults) named.push(`- And ${faults.length - mostFaults} more of this kind.`);
  const which = attempt === 1 ? "That answer cannot be used" : `Answer ${attempt} cannot be used either`;
  const content = `${which}:\n${named.join("\n")}\n\nWrite the whole JSON list again, corrected.`;
  // A chat template may refuse an empty turn.
  const said = text.trim() === "" ? "(nothing)" : text.slice(0, mostRepeated);
  return [
    { role: "assistant", content: said.toWellFormed() },
    { role: "user", content: content.toWellFormed() },
  ];
}
