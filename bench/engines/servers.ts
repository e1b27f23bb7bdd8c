interface Server {
  url: string;
  /** Tokens of a cache block. */
  block: number;
  forget: string;
}

const servers: Record<string, Server> = {
  vllm: {
    url: process.env["THREADWEAVER_VLLM_URL"] ?? "http://127.0.0.1:8000",
    block: Number(process.env["THREADWEAVER_CACHE_BLOCK"] ?? 32),
    forget: "/reset_prefix_cache",
  },
  sglang: { url: process.env["THREADWEAVER_SGLANG_URL"] ?? "http://127.0.0.1:30000", block: 1, forget: "/flush_cache" },
};

export interface BenchServer {
  readonly root: string;
  readonly apiKey: string;
  /** Tokens of a cache block. */
  readonly block: number;
  /** Empties its cache. */
  forget(): Promise<void>;
}

/** The server that a bench runs on: its address is in the environment, or it is where such a server is by default. */
export function serverNamed(name: string): BenchServer {
  const server = servers[name];
  if (server === undefined) throw new Error(`unknown server ${name}: vllm and sglang are known`);
  const root = server.url.replace(/\/v1\/?$/, "");
  const apiKey = process.env["THREADWEAVER_API_KEY"] ?? "none";
  return { root, apiKey, block: server.block, forget: () => forget(`${root}${server.forget}`, apiKey) };
}

async function forget(path: string, apiKey: string): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    const { ok, status } = await fetch(path, { method: "POST", headers: { authorization: `Bearer ${apiKey}` } });
    if (ok) return;
    if (status === 404) throw new Error(`${path} answers 404: the server cannot forget its cache`);
  }
  throw new Error("the server did not forget its cache: something is running on it");
}
