import { stepOf } from "./call.ts";
import type { Call, Choice } from "./call.ts";
import { errorEvent } from "./errors.ts";
import type { EventWriter } from "./sse.ts";
import { wireOf } from "./wires/index.ts";

/** What may happen to a call while it runs. */
export interface Fate {
  /** Whether its client hung up, and it should end for that reason. */
  readonly gone: boolean;
  /** Whether it was ended by name. */
  readonly aborted: boolean;
}

interface Progress {
  choice: Choice;
  sent: number;
  over: boolean;
}

/** Streams all answers of a call side by side: each gets its next part in turn. */
export async function streamCall(call: Call, writer: EventWriter, fate: Fate): Promise<void> {
  const { settings, asked } = call;
  const wire = wireOf(settings, asked.route);
  const all = call.choices.map((choice): Progress => ({ choice, sent: 0, over: isSaid(choice, 0) }));
  let last = call.choices[0];
  while (all.some(({ over }) => !over)) {
    // oxlint-disable-next-line no-await-in-loop -- parts come one after the other
    await settings.sleep(settings.chunkDelayMs);
    if (fate.gone) return;
    for (const progress of all.filter(({ over }) => !over)) {
      const { choice, sent } = progress;
      const to = nextEnd(call, choice, sent);
      if (fate.aborted) abort(choice, to);
      const step = stepOf(call, choice, sent, to);
      if (sent === 0) for (const event of wire.opening?.(call, choice) ?? []) writer.event(event);
      for (const event of wire.part(step)) writer.event(event);
      progress.sent = to;
      progress.over = step.isLast || isSaid(choice, to);
      remember(call, choice, to, progress.over);
      last = choice;
    }
  }
  if (last !== undefined) finish(call, last, writer);
}

/** Whether an answer that breaks off has nothing more to send. */
function isSaid({ generated: { finish, ids } }: Choice, sent: number): boolean {
  return finish === undefined && sent >= ids.length;
}

/**
 * Where the next part ends. The first part is sent at once, later ones wait for the interval, and the last one is sent
 * when it is there.
 */
function nextEnd({ settings: { tokensPerChunk }, asked: { interval } }: Call, choice: Choice, sent: number): number {
  const { ids, past } = choice.generated;
  const isDue = (end: number): boolean =>
    (sent === 0 || end - sent >= interval) && end < ids.length - past && !choice.visible.waits(end);
  let end = sent;
  do end = Math.min(ids.length, (Math.floor(end / tokensPerChunk) + 1) * tokensPerChunk);
  while (end < ids.length && !isDue(end));
  return end;
}

/** Ends it with the token that is being sent. */
function abort(choice: Choice, to: number): void {
  const { ids, logprobs, topLogprobs } = choice.generated;
  const rest = { matched: undefined, isEos: false, past: 0, logprobs, topLogprobs, ending: "eos" } as const;
  choice.generated = { ids: ids.slice(0, to), finish: "abort", ...rest };
}

/** Records what is cached. The last token is not, because nothing was computed from it yet. */
function remember({ settings }: Call, { prompt, cache, generated }: Choice, sent: number, over: boolean): void {
  const reported = over || settings.cacheOutput === "at-once" ? generated.ids.slice(0, Math.max(0, sent - 1)) : [];
  cache.computed([...prompt, ...reported]);
}

function finish(call: Call, last: Choice, writer: EventWriter): void {
  const { settings, asked, choices } = call;
  const wire = wireOf(settings, asked.route);
  const ending = choices.find(({ generated }) => generated.finish === undefined)?.generated.ending;
  writer.begin();
  if (ending === "drop") return writer.cut();
  if (ending === "silence") return;
  if (ending === "end") return writer.end(false);
  if (ending === "error") {
    const message = "EngineCore encountered an issue. See stack trace (above) for the root cause.";
    writer.data(errorEvent(settings, asked.route, { status: 500, message }));
    return writer.end(wire.done);
  }
  for (const event of wire.closing(call, last)) writer.event(event);
  writer.end(wire.done);
}
