import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { expect, it } from "vitest";
import { exportRun, treeOf } from "./exported-run.ts";

/** `npm run test:collector` sets it: the program of the collector, Rotel. */
const program = process.env["THREADWEAVER_COLLECTOR"];

it.skipIf(program === undefined)(
  "reaches a real collector, which has the tree of the run and its metrics",
  async () => {
    const [http, grpc] = [await freePort(), await freePort()];
    const where = ["--otlp-http-endpoint", `127.0.0.1:${http}`, "--otlp-grpc-endpoint", `127.0.0.1:${grpc}`];
    const what = ["--exporter", "blackhole", "--debug-log", "traces", "--debug-log", "metrics"];
    const collector = spawn(program ?? "", ["start", ...where, ...what, "--debug-log-verbosity", "detailed"]);
    const closed = once(collector, "close");
    const lines: string[] = [];
    const begun = Promise.withResolvers<void>();
    createInterface({ input: collector.stdout }).on("line", (line) => {
      lines.push(stripVTControlCharacters(line));
      if (line.includes("Starting Rotel")) begun.resolve();
    });
    try {
      await Promise.race([begun.promise, closed.then(() => Promise.reject(new Error("the collector ended")))]);
      const expected = await exportRun(`http://127.0.0.1:${http}`);
      collector.kill("SIGTERM");
      await closed;
      const log = lines.join("\n");
      const spans = [...log.matchAll(/Span #\d+\n.*\n\s+Parent ID\s+: ?(\w*)\n\s+ID\s+: (\w+)\n\s+Name\s+: (.*)/g)];
      expect(treeOf(spans.map(([, parent = "", id = "", name = ""]) => ({ parent, id, name })))).toEqual(expected);
      const metrics = [...log.matchAll(/-> Name: ((?:gen_ai|threadweaver)[\w.]+)/g)].map(([, name]) => name);
      expect(metrics).toEqual(
        expect.arrayContaining(["gen_ai.client.inference.duration", "threadweaver.run.critical_path"]),
      );
    } finally {
      collector.kill("SIGKILL");
      await closed;
    }
  },
);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server that listens on a port has one
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
