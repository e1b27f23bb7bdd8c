import type { Call, Fate, Model } from "./transcript.ts";
import type { Vocabulary } from "./vocabulary.ts";

interface Written<End> {
  /** The ids written, with the stop marker or EOS that ended them. */
  readonly ids: number[];
  readonly end: End;
}

export interface Caller {
  /** Every call so far. */
  readonly calls: Call[];
  /** Lets the model write until EOS. */
  write(threadId: string, context: readonly number[]): Written<Fate>;
  /** Lets the model write until one of the stop markers, or EOS. */
  writeUntil(threadId: string, context: readonly number[], stops: readonly number[]): Written<Fate | "marker">;
  /**
   * Lets the model write until a stop string, EOS, or `most` tokens. The context goes on behind the string also where
   * that ends within a token.
   */
  writeUntilText(threadId: string, context: readonly number[], stop: string, most: number): WrittenText;
}

interface WrittenText {
  /** What was written, up to the end of the stop string. */
  readonly kept: number[];
  /** How many tokens that took. */
  readonly tokens: number;
  readonly end: Fate | "marker";
}

/** The ids of the first `length` code units of text; of a token that goes across, what is before is encoded anew. */
export function cutBehind(ids: readonly number[], length: number, { encode, decode }: Vocabulary): number[] {
  const kept: number[] = [];
  for (let at = 0, index = 0; at < length; index += 1) {
    const id = ids[index]!;
    const text = decode([id]);
    if (at + text.length <= length) kept.push(id);
    else kept.push(...encode(text.slice(0, length - at)));
    at += text.length;
  }
  return kept;
}

/** An engine without streaming: it applies the stop ids to what the model would write, and records each call. */
export function createCaller(model: Model): Caller {
  const { eos } = model.vocabulary;
  const calls: Call[] = [];

  const output = (threadId: string, context: readonly number[]) => {
    const callIndex = calls.filter((call) => call.threadId === threadId).length;
    calls.push({ threadId, callIndex, context: [...context] });
    return model.output(context, threadId, callIndex);
  };

  return {
    calls,
    write(threadId, context) {
      const { ids, fate } = output(threadId, context);
      const last = ids.indexOf(eos);
      return last < 0 ? { ids, end: fate } : { ids: ids.slice(0, last + 1), end: "eos" };
    },
    writeUntil(threadId, context, stops) {
      const { ids, fate } = output(threadId, context);
      const last = ids.findIndex((id) => id === eos || stops.includes(id));
      if (last < 0) return { ids, end: fate };
      return { ids: ids.slice(0, last + 1), end: ids[last] === eos ? "eos" : "marker" };
    },
    writeUntilText(threadId, context, stop, most) {
      const { decode } = model.vocabulary;
      const { ids, fate } = output(threadId, context);
      const written = ids.slice(0, most);
      const found = decode(written).indexOf(stop);
      if (found >= 0) {
        const length = found + stop.length;
        const tokens = written.findIndex((_, index) => decode(written.slice(0, index + 1)).length >= length) + 1;
        return { kept: cutBehind(written, length, model.vocabulary), tokens, end: "marker" };
      }
      const end = written.includes(eos) ? "eos" : ids.length >= most ? "length" : fate;
      return { kept: written, tokens: written.length, end };
    },
  };
}
