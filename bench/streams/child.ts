import { fork } from "node:child_process";
import { once } from "node:events";
import type { Pace } from "./server.ts";

export interface StreamServer {
  readonly url: string;
  setPace(pace: Pace): Promise<void>;
  close(): void;
}

/** Starts the fake server of the benches in a process of its own. */
export async function startServer(): Promise<StreamServer> {
  const child = fork(new URL("./server.ts", import.meta.url));
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  return {
    url,
    async setPace(pace) {
      child.send(pace);
      await once(child, "message");
    },
    close: () => void child.kill(),
  };
}
