import type { Call, Fate, Model } from "./transcript.ts";

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
  };
}
