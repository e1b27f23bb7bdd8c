import type { ServerEngine } from "../server-engine.ts";

/** One of several addresses. It is connected to when it is first needed. */
export class Address {
  readonly url: string;
  /** What it failed with last. Undefined while it works, as far as is known. */
  failure: Error | undefined;
  /** Set for good where it serves another model. */
  isUnfit = false;
  readonly #connect: () => Promise<ServerEngine>;
  #engine: ServerEngine | undefined;
  #connecting: Promise<ServerEngine> | undefined;

  constructor(url: string, connect: () => Promise<ServerEngine>) {
    this.url = url;
    this.#connect = connect;
  }

  /** The engine there, once it was connected to. */
  get engine(): ServerEngine | undefined {
    return this.#engine;
  }

  /** Connects, unless that was done. What fails is tried again at the next call. */
  async connected(): Promise<ServerEngine> {
    if (this.#engine !== undefined) return this.#engine;
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined));
    this.#engine = await this.#connecting;
    return this.#engine;
  }

  async close(): Promise<void> {
    const engine = this.#engine ?? (await this.#connecting?.catch(() => undefined));
    await engine?.close();
  }
}
