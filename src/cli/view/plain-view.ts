import type { RunEvent } from "../../run/events.ts";
import type { Output } from "../world.ts";
import { counted, describeEnding, duration } from "./describe.ts";
import type { View } from "./view-types.ts";
import { visible } from "../../visible.ts";

const longestLine = 200;

/** What happens, a line each, where there is no terminal; with `text` also what is written, line by line. */
export class PlainView implements View {
  readonly #stream: Output;
  readonly #text: boolean;
  /** What each sequence is called here: a thread's name after those of its parents. */
  readonly #names = new Map([["0", "main"]]);
  /** Of each sequence the line that is not whole yet. */
  readonly #begun = new Map<string, string>();

  constructor(stream: Output, { text }: { text: boolean }) {
    this.#stream = stream;
    this.#text = text;
  }

  event(event: RunEvent): void {
    switch (event.type) {
      case "thread-start":
        this.#names.set(event.threadId, this.#nameOf(event));
        break;
      case "text":
        // What threads wrote stands in their own lines already.
        if (this.#text && event.by === "model") this.#write(event.threadId, event.removed, event.inserted);
        break;
      case "fork":
        this.#finishLine(event.threadId);
        this.#say(`${this.#name(event.threadId)} forks into ${counted(event.threads, "thread")}`);
        break;
      case "thread-end":
        this.#finishLine(event.threadId);
        this.#say(
          `thread ${this.#name(event.threadId)} ${describeEnding(event.ending)}: ${event.tokens} tokens in ${duration(event.ms)}`,
        );
        break;
      case "call-retry":
        this.#finishLine(event.threadId);
        this.#say(`${this.#name(event.threadId)} broke off and goes on in ${duration(event.waitMs)}: ${event.message}`);
        break;
      case "join":
        this.#say(`${this.#name(event.threadId)} goes on after the join`);
        break;
      case "run-start":
      case "run-end":
      case "catch-up":
      case "warning":
      case "call-start":
      case "call-first-token":
      case "call-end":
        break;
    }
  }

  end(): void {
    for (const id of this.#begun.keys()) this.#finishLine(id);
  }

  #name(id: string): string {
    return this.#names.get(id) ?? id;
  }

  #nameOf({ parentId, name }: { parentId: string; name: string }): string {
    return parentId === "0" ? name : `${this.#name(parentId)}/${name}`;
  }

  /** A line that was written stays, also where its text is taken back. */
  #write(id: string, removed: number, text: string): void {
    const before = this.#begun.get(id) ?? "";
    const lines = (before.slice(0, Math.max(0, before.length - removed)) + text).split("\n");
    const begun = lines.pop() ?? "";
    for (const line of lines) this.#sayText(id, line);
    if (begun.length > longestLine) this.#sayText(id, begun);
    this.#begun.set(id, begun.length > longestLine ? "" : begun);
  }

  #finishLine(id: string): void {
    this.#sayText(id, this.#begun.get(id) ?? "");
    this.#begun.delete(id);
  }

  #sayText(id: string, line: string): void {
    if (line.trim() !== "") this.#say(`${this.#name(id).padStart(6)} | ${line}`);
  }

  #say(line: string): void {
    this.#stream.write(`${visible(line)}\n`);
  }
}
