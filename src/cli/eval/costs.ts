import type { Header } from "../../eval/ledger/header.ts";
import { counted } from "../view/describe.ts";

/** How many samples an evaluation has in all. */
export function samplesIn({ arms, dataset, protocol }: Header): number {
  return arms.length * dataset.problems * protocol.samples;
}

/** What the samples that are left cost at most, in words. */
export function costLines(header: Header, done: number): string {
  const { arms, dataset, protocol } = header;
  const all = samplesIn(header);
  const names = arms.map(({ name }) => name).join(", ");
  const { limit } = protocol;
  const what = `${counted(dataset.problems, "problem")} of ${dataset.name}, ${counted(protocol.samples, "sample")} each, by ${names}`;
  const there = done === 0 ? "" : `, of which ${done} are in the ledger`;
  const bound =
    limit === undefined
      ? "No bound: a sample takes what the model's context has room for. --token-limit sets one"
      : `At most ${limit.tokens} tokens a sample (${limit.of}), so ${(all - done) * limit.tokens} in all`;
  const beside =
    limit === undefined || limit.of === "total" ? "" : ", and what threads and attempts generate beside that";
  return `${what}: ${counted(all, "sample")}${there}.\n${bound}${beside}.\n`;
}
