/** Something that has bytes to write. */
export interface Writing {
  /** Begins to write what waits. */
  flush(): void;
  /** Writes what waits before it returns. Does not throw. */
  flushNow(): void;
}

/**
 * Writes that the files of this process may begin in a second. One takes 20 to 60 microseconds of processor time, since
 * another thread does it: so all of them take less than a hundredth of it.
 */
const perSecond = 150;
/** Writes that may begin at once after a while without any. */
const most = 64;
/** Milliseconds until the next ones, where there are too many. */
const pauseMs = 10;

/**
 * When files write. One write costs as much processor time as some hundred lines take to make. So a file writes once a
 * turn of the event loop, which is at once for a few files; and where there are thousands, they take turns, and each of
 * them writes more at a time.
 */
class WriteTurns {
  readonly #waiting = new Set<Writing>();
  readonly #open = new Set<Writing>();
  #allowed = most;
  #counted = 0;
  #isPlanned = false;

  /** A file is open: what it has not written when the process ends is written then. */
  open(file: Writing): void {
    if (this.#open.size === 0) process.on("exit", this.#onExit);
    this.#open.add(file);
  }

  close(file: Writing): void {
    this.#waiting.delete(file);
    this.#open.delete(file);
    if (this.#open.size === 0) process.off("exit", this.#onExit);
  }

  /** The file has something to write. */
  ask(file: Writing): void {
    this.#waiting.add(file);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(this.#take);
  }

  readonly #take = (): void => {
    this.#earn();
    for (const file of this.#waiting) {
      if (this.#allowed < 1) break;
      this.#allowed -= 1;
      this.#waiting.delete(file);
      file.flush();
    }
    this.#isPlanned = this.#waiting.size > 0;
    if (this.#isPlanned) setTimeout(this.#take, pauseMs);
  };

  #earn(): void {
    const now = performance.now();
    this.#allowed = Math.min(most, this.#allowed + ((now - this.#counted) * perSecond) / 1000);
    this.#counted = now;
  }

  readonly #onExit = (): void => {
    for (const file of this.#open) file.flushNow();
  };
}

/** Of this process: its files share a disk and a processor. */
export const writeTurns: WriteTurns = new WriteTurns();
