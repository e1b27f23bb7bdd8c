/** Something that has bytes to write. */
export interface Writing {
  /** Begins to write what waits. */
  flush(): void;
  /** Writes what waits before it returns. Does not throw. */
  flushNow(): void;
}

/** Writes that the files of this process may begin in a second, whatever else it does. */
const perSecond = 100;
/** Of a process that is busy, further ones: one for so many microseconds of its processor time, some one percent of it. */
const usPerWrite = 4_000;
/** Writes that may begin at once after a while without any. */
const most = 64;
/** Milliseconds until the next ones, where there are too many. */
const pauseMs = 10;

/**
 * When files write. One write costs as much processor time as some ten lines take to make. So a file writes once a turn
 * of the event loop, which is at once for a few files; and where there are thousands, they take turns, and each of them
 * writes more at a time.
 */
class WriteTurns {
  readonly #waiting = new Set<Writing>();
  readonly #open = new Set<Writing>();
  #allowed = most;
  #counted = 0;
  #countedCpu = process.cpuUsage();
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
    const { user, system } = process.cpuUsage(this.#countedCpu);
    const earned = ((now - this.#counted) * perSecond) / 1000 + (user + system) / usPerWrite;
    this.#allowed = Math.min(most, this.#allowed + earned);
    this.#counted = now;
    this.#countedCpu = process.cpuUsage();
  }

  readonly #onExit = (): void => {
    for (const file of this.#open) file.flushNow();
  };
}

/** Of this process: its files share a disk and a processor. */
export const writeTurns: WriteTurns = new WriteTurns();
