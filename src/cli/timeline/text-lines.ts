import type { Shown } from "../../trace/timeline/shown.ts";
import { laneOf } from "../../trace/timeline/timeline.ts";
import { laneInWords } from "../../trace/timeline/words.ts";
import { visible } from "../../visible.ts";
import type { Paint } from "../view/paint.ts";

const writers = {
  prompt: "from the prompt",
  model: "by the model",
  thinking: "thought by the model, kept apart by its server",
  runtime: "put there by the runtime",
} as const;

/** The texts of a run in reading order, each under a line that says whose it is and who wrote it. */
export function* textLines({ timeline, reading }: Shown, paint: Paint): Generator<string> {
  let last = "";
  for (const { lane, spans } of reading()) {
    for (const [by, text] of spans) {
      const title = `── ${visible(laneInWords(laneOf(timeline, lane)))}, ${writers[by]}`;
      if (title !== last) yield paint("dim", title);
      last = title;
      yield visible(text, { keep: "\n\t" });
    }
  }
}
