import type { RunEvent } from "../../src/run/events.ts";

/** What a listener that applies the events in order has of each sequence; `0` is main. */
export function textsOf(events: readonly RunEvent[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const event of events) {
    if (event.type === "catch-up") {
      texts.set("0", event.text);
      for (const thread of event.threads) texts.set(thread.threadId, thread.text);
    }
    if (event.type !== "text") continue;
    const before = texts.get(event.threadId) ?? "";
    if (event.removed > before.length) throw new Error(`${event.removed} removed from ${JSON.stringify(before)}`);
    texts.set(event.threadId, before.slice(0, before.length - event.removed) + event.inserted);
  }
  return texts;
}
