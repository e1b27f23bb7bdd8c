import type { Dispatcher } from "undici";
import type { HttpAgent } from "./agent.ts";

/**
 * The connections of one client. A connection that brought bytes that are no protocol may be out of step, and bring the
 * next answer in the same state. undici does not say which connection an answer came on, and a new one is cheap, so all
 * of them are given up together. Requests that are under way on them end there.
 */
export class Connections {
  readonly #create: () => HttpAgent;
  #agent: HttpAgent;
  /** Those that were given up, while something is under way on them. */
  readonly #leaving = new Set<HttpAgent>();

  constructor(create: () => HttpAgent) {
    this.#create = create;
    this.#agent = create();
  }

  /** Stands for the connections that there are now. */
  get current(): object {
    return this.#agent;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#agent.dispatch(options, handler);
  }

  /**
   * Requests that are made from now on take new connections.
   *
   * @param used what `current` was when the bad request was made. Nothing is done where it has been given up already.
   */
  giveUp(used: object): void {
    const agent = this.#agent;
    if (used !== agent) return;
    this.#agent = this.#create();
    this.#leaving.add(agent);
    const left = (): void => void this.#leaving.delete(agent);
    agent.close().then(left, left);
  }

  /** Closes all connections, and what is under way on them fails. */
  async destroy(): Promise<void> {
    await Promise.all([this.#agent, ...this.#leaving].map((agent) => agent.destroy()));
  }
}
