import { once } from "node:events";
import type { Output } from "../world.ts";
import type { LineSink } from "../../files/line-file.ts";

/** Results on a stream, at the pace of its reader. */
export function streamResults(stream: Output): LineSink {
  return {
    async write(value) {
      if (!stream.write(`${JSON.stringify(value)}\n`)) await once(stream, "drain");
    },
    close() {},
  };
}
