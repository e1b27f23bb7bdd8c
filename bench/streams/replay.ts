import type { IncomingMessage, ServerResponse } from "node:http";

/** How streams go on. */
export interface Pace {
  /** All streams take a step together every so many milliseconds, as an engine's batch does; 0: as fast as they are read. */
  stepMs: number;
  /** Events that a step sends with one write. */
  events: number;
  /** Streams wait when they have sent so many events. */
  holdAt?: number | undefined;
}

/** The events of one answer, each as the HTTP chunk that carries it. */
type Recording = readonly Buffer[];

interface Playing {
  recording: Recording;
  sent: number;
  response: ServerResponse;
}

const eventEnd = "\n\n";

/**
 * Plays answers that were recorded once, so that a stream costs its server next to nothing and every client that asks
 * for the same gets the same bytes.
 */
export class Replay {
  #pace: Pace = { stepMs: 0, events: 1 };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isTurning = false;
  readonly #playing = new Set<Playing>();
  readonly #recordings = new Map<string, Promise<Recording>>();
  readonly #record: (body: string) => Promise<string>;

  /** @param record gets the whole answer to a request body. */
  constructor(record: (body: string) => Promise<string>) {
    this.#record = record;
  }

  setPace(pace: Pace): void {
    this.#pace = pace;
    clearTimeout(this.#timer);
    if (pace.stepMs > 0) this.#stepAt(performance.now() + pace.stepMs);
    else this.#turn();
  }

  /** By the clock: an interval falls back a little with every step, and that would be counted as the client's. */
  #stepAt(due: number): void {
    const step = (): void => {
      this.#step();
      this.#stepAt(due + this.#pace.stepMs);
    };
    this.#timer = setTimeout(step, Math.max(0, due - performance.now()));
  }

  async answer(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    let recorded = this.#recordings.get(body);
    if (recorded === undefined) {
      recorded = this.#record(body).then(chunksOf);
      this.#recordings.set(body, recorded);
    }
    const playing = { recording: await recorded, sent: 0, response };
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked" });
    response.flushHeaders();
    request.socket.setNoDelay(true);
    this.#playing.add(playing);
    response.on("close", () => this.#playing.delete(playing));
    if (this.#pace.stepMs === 0) this.#turn();
  }

  #turn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      if (this.#pace.stepMs === 0 && this.#step()) this.#turn();
    });
  }

  /** Whether any stream has more to send. */
  #step(): boolean {
    let goesOn = false;
    for (const playing of this.#playing) goesOn = this.#send(playing) || goesOn;
    return goesOn;
  }

  /** Written to the socket as it stands: encoding each part anew would cost more than all else here. */
  #send(playing: Playing): boolean {
    const { recording, sent, response } = playing;
    const { socket } = response;
    if (socket === null) return false;
    const to = Math.min(recording.length, sent + this.#pace.events, this.#pace.holdAt ?? Infinity);
    if (to <= sent) return false;
    if (socket.writableNeedDrain) return true;
    socket.write(to === sent + 1 ? (recording[sent] ?? "") : Buffer.concat(recording.slice(sent, to)));
    playing.sent = to;
    if (to < recording.length) return true;
    this.#playing.delete(playing);
    response.end();
    return false;
  }
}

/** One chunk a token. What follows the last one (the usage, and that it is done) comes with it, as servers send it. */
function chunksOf(answer: string): Recording {
  const events = answer.split(eventEnd).filter((event) => event !== "");
  const last = events.findIndex((event) => event.includes('"finish_reason":"'));
  const parts = [...events.slice(0, last), events.slice(last).join(eventEnd)];
  return parts.map((part) => {
    const data = Buffer.from(part + eventEnd);
    return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from("\r\n")]);
  });
}
