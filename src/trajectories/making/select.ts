import { createHash } from "node:crypto";
import { setAside, type Kept, type Outcome, type SetAside } from "../filter/outcome.ts";

export interface SelectOptions {
  /**
   * The largest share of all kept texts that may be sequential. A sequential text is taken when there is room for it, in the
   * order of the sources. @defaultValue 0.1
   */
  readonly sequentialShare?: number | undefined;
}

/** What one source alone cannot tell: whether a text is there already, and how many are sequential. */
export class Selection {
  readonly #share: number;
  readonly #seen = new Set<string>();
  #parallel = 0;
  #sequential = 0;

  constructor({ sequentialShare = 0.1 }: SelectOptions = {}) {
    this.#share = sequentialShare;
  }

  /** The same outcome, in which what is not selected is set aside. Outcomes must come in the order of the sources. */
  select<W>(outcome: Outcome<W>): Outcome<W> {
    const kept: Kept[] = [];
    const aside: SetAside[] = [];
    for (const one of outcome.kept) {
      const why = this.#refusal(one);
      if (why === undefined) kept.push(one);
      else aside.push(why);
    }
    return aside.length === 0 ? outcome : { ...outcome, kept, setAside: [...outcome.setAside, ...aside] };
  }

  #refusal({ id, sample, kind, question, text }: Kept): SetAside | undefined {
    const place = sample === undefined ? { id } : { id, sample };
    const key = createHash("sha256")
      .update(JSON.stringify([question, text.replaceAll(/\s+/g, " ").trim()]))
      .digest("base64");
    if (this.#seen.has(key)) {
      return setAside(place, "selection", [{ code: "duplicate", message: "The same text was kept before." }]);
    }
    if (kind === "sequential" && this.#sequential + 1 > this.#share * (this.#parallel + this.#sequential + 1)) {
      const message = `It is sequential, and at most ${(100 * this.#share).toFixed(1)} % of what is kept may be.`;
      return setAside(place, "selection", [{ code: "sequential-share", message }]);
    }
    this.#seen.add(key);
    if (kind === "sequential") this.#sequential += 1;
    else this.#parallel += 1;
    return undefined;
  }
}
