import type { ArmInfo, Header } from "../../eval/ledger/header.ts";
import type { Protocol } from "../../eval/protocol/protocol.ts";
import { counted } from "../view/describe.ts";

/** How many samples an evaluation has in all. */
export function samplesIn({ arms, dataset, protocol }: Header): number {
  return arms.length * dataset.problems * protocol.samples;
}

/**
 * What the samples that are left cost at most, in words.
 *
 * @param there how many samples of an arm are in the ledger
 */
export function costLines(header: Header, there: (arm: string) => number): string {
  const { arms, dataset, protocol } = header;
  const planned = dataset.problems * protocol.samples;
  const rows = arms.map((arm) => ({ arm, left: Math.max(0, planned - there(arm.name)) }));
  const done = samplesIn(header) - rows.reduce((sum, { left }) => sum + left, 0);
  const what = `${counted(dataset.problems, "problem")} of ${dataset.name}, ${counted(protocol.samples, "sample")} each`;
  const lines = [
    `${what}, by ${arms.map(({ name }) => name).join(", ")}: ${counted(samplesIn(header), "sample")}` +
      `${done === 0 ? "" : `, of which ${done} ${done === 1 ? "is" : "are"} in the ledger`}.`,
    ...(protocol.limit === undefined
      ? ["No bound: a sample takes what the model's context has room for. --token-limit sets one."]
      : [
          `To generate at most, where a sample has ${protocol.limit.tokens} tokens (${protocol.limit.of}):`,
          ...rows.map(({ arm, left }) => `  ${arm.name}: ${counted(left, "sample")}, ${boundOf(arm, protocol, left)}`),
        ]),
  ];
  return `${lines.join("\n")}\n`;
}

/** What some samples of an arm generate at most. */
function boundOf({ kind, attempts = 1 }: ArmInfo, { limit, closing }: Protocol, samples: number): string {
  if (limit === undefined) return "no bound";
  const { tokens, of } = limit;
  const most = (each: number): string => `${samples * each} tokens`;
  switch (kind) {
    case "sequential":
    case "one-pass":
      return most(tokens);
    case "attempts":
      return most(of === "total" ? tokens : attempts * tokens);
    case "budget":
      // Its limit is the path of another sample, which `thread` does not bound.
      return of === "thread" ? "no bound" : most(tokens + closing.tokens);
    case "fork-join":
    case "threads-in-turn":
      if (of === "total") return most(tokens);
      return of === "thread" ? "no bound" : `${most(tokens)} on the critical path, no bound on what is beside it`;
  }
}
