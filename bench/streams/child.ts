import { fork } from "node:child_process";
import { once } from "node:events";
import type { Pace } from "./replay.ts";

/** How streams are sampled, so that all of them ask for the same answer, which the server plays from memory. */
export const greedy: { readonly temperature: number } = { temperature: 0 };

export interface StreamServer {
  readonly url: string;
  setPace(pace: Pace): Promise<void>;
  /** The body of the last completion that was asked for. */
  lastBody(): Promise<Record<string, unknown>>;
  close(): void;
}

/** Starts the server of the benches in a process of its own. */
export async function startServer(): Promise<StreamServer> {
  const child = fork(new URL("./server.ts", import.meta.url));
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  return {
    url,
    async setPace(pace) {
      child.send(pace);
      await once(child, "message");
    },
    lastBody: async () => (await (await fetch(`${url}/last`)).json()) as Record<string, unknown>,
    close: () => void child.kill(),
  };
}
