import type { ServerReport } from "../src/engine/detect/server-report.ts";
import { createEngine } from "../src/engine/openai.ts";
import { startFakeServer } from "../src/testing/index.ts";
import type { FakeKind } from "../src/testing/index.ts";
import { report } from "./measure.ts";

const kinds: readonly FakeKind[] = ["vllm", "sglang", "llamacpp", "text", "chat"];
const rounds = 9;

interface Start {
  requests: number;
  connections: number;
  ms: number;
  found: ServerReport;
}

async function start(kind: FakeKind, known?: ServerReport): Promise<Start> {
  await using server = await startFakeServer({ kind, model: () => "a" });
  const began = performance.now();
  await using engine = await createEngine({ baseURL: server.baseURL, report: known });
  const ms = performance.now() - began;
  return { requests: server.requests.length, connections: server.connections, ms, found: engine.report };
}

/** What it takes to create an engine: the first time, and with the report of the first time. */
export async function startBench(): Promise<void> {
  for (const kind of kinds) {
    const { found } = await start(kind); // loads the client
    const first: Start[] = [];
    const again: Start[] = [];
    for (let round = 0; round < rounds; round += 1) {
      first.push(await start(kind));
      again.push(await start(kind, found));
    }
    report(`start on ${kind}: first`, describe(first), "goal <= 15 requests over <= 4 connections");
    report(`start on ${kind}: with a report`, describe(again), "goal <= 1 request");
  }
}

function describe(starts: readonly Start[]): string {
  const [{ requests, connections } = { requests: 0, connections: 0 }] = starts;
  const least = Math.min(...starts.map(({ ms }) => ms));
  return `${requests} requests, ${connections} connections, ${least.toFixed(1)} ms`;
}
