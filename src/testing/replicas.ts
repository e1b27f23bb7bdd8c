import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { PrefixCache } from "./prefix-cache.ts";
import type { Cache } from "./prefix-cache.ts";
import type { Settings } from "./settings.ts";
import { Slots } from "./slots.ts";

/** The engines behind one address, and the choice of one for each call. */
export class Replicas {
  readonly #caches: readonly Cache[];
  #turn = 0;

  constructor({ replicas, cacheBlock, slots }: Settings) {
    this.#caches = Array.from({ length: replicas }, () =>
      cacheBlock === undefined ? new Slots(slots) : new PrefixCache(cacheBlock),
    );
  }

  choose(headers: IncomingHttpHeaders): { index: number; cache: Cache } {
    const session = headers["x-session-id"];
    const index =
      session === undefined ? this.#turn++ : (createHash("sha256").update(String(session)).digest()[0] ?? 0);
    const chosen = index % this.#caches.length;
    const cache = this.#caches[chosen];
    if (cache === undefined) throw new RangeError("there must be at least one replica");
    return { index: chosen, cache };
  }
}
