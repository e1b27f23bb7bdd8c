import type { RunEvent } from "../run/events.ts";

type TextChange = Pick<Extract<RunEvent, { type: "text" }>, "removed" | "inserted" | "by">;

/**
 * What one sequence generated itself, to be shown as it grows. What was shown cannot be taken back, so the beginning of a
 * marker waits until it is clear what it becomes. A block that a join rewrites stays as it was written.
 */
export class OwnText {
  readonly #markers: readonly string[];
  /** The text of the sequence, as lengths: who wrote which part of it. */
  readonly #stretches: { length: number; isOwn: boolean }[] = [];
  #waiting = "";

  /** @param markers what may be taken back while only a part of it is there. */
  constructor(markers: readonly string[]) {
    this.#markers = markers;
  }

  apply({ removed, inserted, by }: TextChange): void {
    this.#remove(removed);
    if (inserted === "") return;
    const isOwn = by === "model";
    const last = this.#stretches.at(-1);
    if (last?.isOwn === isOwn) last.length += inserted.length;
    else this.#stretches.push({ length: inserted.length, isOwn });
    if (isOwn) this.#waiting += inserted;
  }

  /** What can be shown now and was not shown yet. */
  ready(): string {
    return this.#show(this.#waiting.length - heldIn(this.#waiting, this.#markers));
  }

  /** What was not shown yet of the text before `marker`; undefined where that was not written. */
  before(marker: string): string | undefined {
    const at = this.#waiting.indexOf(marker);
    return at < 0 ? undefined : this.#show(at);
  }

  /** All that was not shown yet: nothing follows. */
  rest(): string {
    return this.#show(this.#waiting.length);
  }

  #show(length: number): string {
    const text = this.#waiting.slice(0, length);
    this.#waiting = this.#waiting.slice(length);
    return text;
  }

  #remove(length: number): void {
    for (
      let left = length, last = this.#stretches.at(-1);
      left > 0 && last !== undefined;
      last = this.#stretches.at(-1)
    ) {
      const taken = Math.min(left, last.length);
      if (last.isOwn) this.#waiting = this.#waiting.slice(0, Math.max(0, this.#waiting.length - taken));
      last.length -= taken;
      left -= taken;
      if (last.length === 0) this.#stretches.pop();
    }
  }
}

/** How many characters at the end of a text may be the beginning of a marker, or a line feed that a format drops. */
function heldIn(text: string, markers: readonly string[]): number {
  let held = text.endsWith("\n") ? 1 : 0;
  for (const marker of markers) {
    let n = Math.min(marker.length - 1, text.length);
    while (n > held && !text.endsWith(marker.slice(0, n))) n -= 1;
    held = Math.max(held, n);
  }
  return held;
}
