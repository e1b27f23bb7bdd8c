import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { here, servers } from "./servers.ts";
import type { ServerName } from "./servers.ts";

/** Loading takes one minute, on a busy machine a few, and two engines in one server take twice as long. */
const readyWithinMs = 600_000;
/** Between the polite request to end and the other one. */
const graceMs = 10_000;

export interface RunningServer extends AsyncDisposable {
  url: string;
  /** Its processes, all in one. */
  group: number;
}

/**
 * Starts a server on a loopback port and waits until it answers.
 *
 * @param folder where it is installed.
 */
export async function startServer(
  name: ServerName,
  folder: string,
  apiKey: string,
  { port, model, more = [], log = name }: StartOptions = {},
): Promise<RunningServer> {
  const { flags, env, folder: scripts } = servers[name];
  const served = model ?? join(here, "..", "..", "models", servers[name].model);
  const argumentsFor = (free: number) => [folder, served, String(free), ...flags, ...more, "--api-key", apiKey];
  return startScript(log, scripts, argumentsFor, { env, port });
}

interface StartOptions {
  /** Where another server has been, if this one takes its place. @defaultValue a free one */
  port?: number;
  /** The folder of its model. @defaultValue that of the small model */
  model?: string;
  /** Flags besides those of `servers`. */
  more?: readonly string[];
  /** The name of its log. @defaultValue that of the server */
  log?: string;
}

/**
 * Runs the `serve.sh` of a folder beside this file, and waits until its server answers.
 *
 * @param name of its log, which grows.
 * @param argumentsFor the arguments of the script, for its port.
 */
export async function startScript(
  name: string,
  scripts: string,
  argumentsFor: (port: number) => readonly string[],
  {
    env = {},
    port,
    readyAt = "/health",
  }: { env?: Readonly<Record<string, string>>; port?: number | undefined; readyAt?: string } = {},
): Promise<RunningServer> {
  port ??= await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join("reports", `${name}.log`);
  mkdirSync("reports", { recursive: true });
  const log = openSync(logFile, "a");
  console.log(`Starting ${name} on ${url}; its log is ${logFile}.`);
  // A group of its own: the server's processes outlive the first of them, and are ended together.
  const child = spawn("bash", [join(here, scripts, "serve.sh"), ...argumentsFor(port)], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const group = child.pid;
  if (group === undefined) throw new Error(`${name} could not be started`);
  const end = (): Promise<void> => endGroup(group);
  const onSignal = (signal: NodeJS.Signals): void => void end().finally(() => process.kill(process.pid, signal));
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    await ready(`${url}${readyAt}`, () => child.exitCode !== null || child.signalCode !== null);
  } catch (error) {
    await end();
    console.error(readFileSync(logFile, "utf8").split("\n").slice(-30).join("\n"));
    throw error;
  }
  return {
    url,
    group,
    async [Symbol.asyncDispose]() {
      process.removeListener("SIGINT", onSignal).removeListener("SIGTERM", onSignal);
      await end();
    },
  };
}

async function ready(url: string, ended: () => boolean): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (Date.now() < deadline) {
    if (ended()) throw new Error("the server ended before it was ready");
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(500);
  }
  throw new Error(`the server was not ready after ${readyWithinMs / 1000} s`);
}

async function endGroup(group: number): Promise<void> {
  if (!signalled(group, "SIGTERM")) return;
  for (const deadline = Date.now() + graceMs; Date.now() < deadline;) {
    await sleep(100);
    if (!signalled(group, 0)) return;
  }
  signalled(group, "SIGKILL");
}

/** False where no process of the group is left. */
function signalled(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
