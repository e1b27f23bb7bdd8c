import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { Agent, EnvHttpProxyAgent, Pool } from "undici";

/** Most connections at once. Further streams wait for one. */
const maxConnections = 2048;

/**
 * vLLM and SGLang close a connection that was idle for 5 s. A connection is not reused after this time, well before
 * that.
 */
const keepAliveMs = 2000;

/** Names of this machine, which no proxy can reach. */
const loopback = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/;

/** The agents that undici has for this. */
export type HttpAgent = Agent | EnvHttpProxyAgent;

/**
 * An agent for one client. Its connections go through the proxy that `HTTP_PROXY` or `HTTPS_PROXY` names, except to this
 * machine and to what `NO_PROXY` lists. The agent's own limits for answers are off, since it knows nothing of queues.
 */
export function createAgent(address: string, connectMs: number): HttpAgent {
  const options = {
    headersTimeout: 0,
    bodyTimeout: 0,
    connections: maxConnections,
    factory: lastingPool,
    keepAliveTimeout: keepAliveMs,
    connect: { lookup: lookupIpv4First, timeout: connectMs },
  };
  const host = URL.parse(address)?.hostname ?? "";
  if (loopback.test(host) || !hasProxy(process.env)) return new Agent(options);
  // Proxies often let tunnels through to TLS only.
  return new EnvHttpProxyAgent({ ...options, proxyTunnel: false });
}

/**
 * An agent of undici forgets the connections to a server when all of them are closed, and takes each that closes after
 * that for one of the next ones: from then on every request may take a connection of its own (undici's issue 5022). So
 * it gets no events of connections.
 */
function lastingPool(origin: string | URL, options: object): Pool {
  const pool = new Pool(origin, options);
  // The agent listens as soon as it has it.
  queueMicrotask(() => pool.removeAllListeners("disconnect"));
  return pool;
}

function hasProxy(env: Readonly<Record<string, string | undefined>>): boolean {
  return ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"].some((name) => (env[name] ?? "") !== "");
}

/** Servers that are started for `localhost` or a name often listen on IPv4 only. */
const lookupIpv4First: LookupFunction = (host, options, done) => lookup(host, { ...options, order: "ipv4first" }, done);
