import { setAside, type Kept, type Place, type SetAside } from "./outcome.ts";
import { characters } from "../steps/lengths.ts";
import { filterTrajectory, type FilterOptions } from "./filter.ts";
import { textLengths } from "./threads.ts";

/** Keeps a finished text, or says why not. */
export function keepOrNot(
  place: Place,
  { question, text }: { readonly question: string; readonly text: string },
  options: FilterOptions,
): Kept | SetAside {
  const { rejections, answer, balance = 1, gain = 0 } = filterTrajectory(text, options);
  if (rejections.length > 0) return setAside(place, "filter", rejections);
  const { total, criticalPath, blocks } = textLengths(options.dialect, text, options.measure ?? characters);
  return {
    ...place,
    kind: blocks.length === 0 ? "sequential" : "parallel",
    dialect: options.dialect.name,
    question,
    text,
    answer: answer ?? "",
    blocks: blocks.length,
    threads: blocks.reduce((sum, threads) => sum + threads.length, 0),
    length: { total, criticalPath },
    gain,
    balance,
  };
}
