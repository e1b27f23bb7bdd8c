import { createLogUpdate } from "log-update";
import type { RunEvent } from "../../run/events.ts";
import type { Output } from "../world.ts";
import { Frames } from "./frames.ts";
import { painter } from "./paint.ts";
import { createTree, update } from "./tree.ts";
import { treeLines } from "./tree-lines.ts";
import type { View } from "./view-types.ts";

/** A tree of threads that grows in place on a terminal. Its last frame stays. */
export class LiveView implements View {
  readonly #tree = createTree();
  readonly #frames: Frames;
  readonly #log: ReturnType<typeof createLogUpdate>;
  #begun = false;

  constructor(stream: Output, now: () => number) {
    const paint = painter(stream);
    this.#log = createLogUpdate(stream);
    this.#frames = new Frames(() => {
      // The line below the tree is the cursor's.
      const screen = { columns: stream.columns ?? 80, rows: (stream.rows ?? 24) - 1, paint };
      this.#log(treeLines(this.#tree, screen).join("\n"));
    }, now);
  }

  event(event: RunEvent): void {
    this.#begun = true;
    update(this.#tree, event);
    this.#frames.request();
  }

  end(): void {
    // A run that never began has nothing to show.
    if (!this.#begun) return;
    this.#frames.flush();
    this.#log.done();
  }
}
