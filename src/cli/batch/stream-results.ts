import { once } from "node:events";
import type { Output } from "../world.ts";
import type { Results } from "./result-file.ts";

/** Results on a stream, at the pace of its reader. */
export function streamResults(stream: Output): Results {
  return {
    async write(value) {
      if (!stream.write(`${JSON.stringify(value)}\n`)) await once(stream, "drain");
    },
    close() {},
  };
}
