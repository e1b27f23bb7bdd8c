import { createParser } from "eventsource-parser";

/** Characters of one event. A part of an answer has a few hundred. */
const maxEventLength = 2 ** 24;

/**
 * The data of the events of an answer, without the `[DONE]` at its end, which says nothing about success.
 *
 * The body is read as fast as it comes, however slow the reader of the events is: what still waits in a stream's buffers
 * when its connection breaks is thrown away, and it was tokens. It is read on after `[DONE]`, since only a connection whose
 * answer was read to its end is used again.
 *
 * @param onBytes called whenever something came.
 */
export async function* eventData(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const came = new Arrivals();
  void readAll(reader, came, onBytes);
  try {
    for (;;) {
      for (const data of came.take()) yield data;
      if (came.isEmpty) {
        if (came.end !== undefined) break;
        await came.more();
      }
    }
    if (came.end?.error !== undefined) throw came.end.error;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Events that wait for their reader. */
class Arrivals {
  /** Set when nothing more will come. */
  end: { error?: unknown } | undefined;
  #events: string[] = [];
  #wake: (() => void) | undefined;

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  add(data: string): void {
    this.#events.push(data);
  }

  take(): string[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake?.();
  }
}

/** Never rejects: what it fails with is the end of what comes. */
async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  came: Arrivals,
  onBytes: () => void,
): Promise<void> {
  const decoder = new TextDecoder();
  const parser = createParser({
    maxBufferSize: maxEventLength,
    onEvent({ data }) {
      if (data !== "[DONE]") came.add(data);
    },
  });
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- in the order in which it comes
      const { done, value } = await reader.read();
      if (done) break;
      onBytes();
      parser.feed(decoder.decode(value, { stream: true }));
      came.wake();
    }
    came.end = {};
  } catch (error) {
    came.end = { error: error ?? new Error("the answer broke off") };
  }
  came.wake();
}
