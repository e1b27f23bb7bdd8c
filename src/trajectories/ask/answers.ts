import { createHash } from "node:crypto";
import type { AnswerTokens, Journal, JournalEntry } from "./journal.ts";
import type { Spending } from "./spending.ts";

/** What came of one call of a model. */
export interface Made {
  readonly value: JournalEntry["value"];
  readonly tokens: AnswerTokens;
}

/** Answers of a model: those of the journal, and new ones. No question is asked twice, at the same time or later. */
export class Answers {
  readonly spending: Spending;
  readonly #journal: Journal;
  readonly #pending = new Map<string, Promise<JournalEntry["value"]>>();
  /** Those whose cost has been counted. */
  readonly #counted = new Set<string>();

  constructor(journal: Journal, spending: Spending) {
    this.#journal = journal;
    this.spending = spending;
  }

  /**
   * @param about all that the answer depends on, as JSON.
   * @throws `BudgetSpent` where the answer is not there and may not be asked for, and what `make` throws.
   */
  async get(step: string, about: unknown, make: () => Promise<Made>): Promise<JournalEntry["value"]> {
    const key = createHash("sha256")
      .update(JSON.stringify([step, about]))
      .digest("hex");
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    const answer = this.#find(step, key, make);
    this.#pending.set(key, answer);
    return answer.finally(() => this.#pending.delete(key));
  }

  async #find(step: string, key: string, make: () => Promise<Made>): Promise<JournalEntry["value"]> {
    const found = await this.#journal.find(key);
    if (found !== undefined) {
      this.#count(found);
      return found.value;
    }
    this.spending.requireRoom();
    const entry: JournalEntry = { type: "answer", key, step, ...(await make()) };
    this.#journal.add(entry);
    this.#count(entry);
    return entry.value;
  }

  /** An answer that serves twice was paid for once. */
  #count({ key, step, tokens }: JournalEntry): void {
    if (this.#counted.has(key)) return;
    this.#counted.add(key);
    this.spending.add(step, tokens);
  }
}
