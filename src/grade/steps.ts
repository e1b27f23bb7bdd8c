/** Thrown inside the grader when the work of one comparison is used up; `equal` turns it into a verdict. */
export class WorkLimit extends Error {}

/** Counts the work of one comparison, so that no input can make it long: a clock would make verdicts depend on the machine. */
export class Steps {
  readonly limit: number;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Never more than the limit. */
  get used(): number {
    return this.#used;
  }

  /** Called before the work is done. */
  take(count = 1): void {
    if (count > this.limit - this.#used) {
      this.#used = this.limit;
      throw new WorkLimit("the step limit is reached");
    }
    this.#used += count;
  }
}
