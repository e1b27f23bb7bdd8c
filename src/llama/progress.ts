import type { LlamaEngineOptions } from "./options.ts";

/** Passes on how far a model is loaded, from where nothing may be thrown: llama.cpp's thread calls it, perhaps late. */
export class Progress {
  readonly #listener: LlamaEngineOptions["onLoadProgress"];
  readonly #signal: AbortSignal | undefined;
  #thrown: { error: unknown } | undefined;
  #over = false;

  constructor({ onLoadProgress, signal }: LlamaEngineOptions) {
    this.#listener = onLoadProgress;
    this.#signal = signal;
  }

  /** @param fraction from 0 to 1. */
  tell(fraction: number): void {
    if (this.#over || this.#signal?.aborted === true) return;
    try {
      this.#listener?.(fraction);
    } catch (error) {
      this.#thrown = { error };
      this.#over = true;
    }
  }

  /** The listener is not called any more. @throws what the listener threw. */
  end(): void {
    this.#over = true;
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }
}
