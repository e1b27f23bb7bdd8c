/** An address as it was given, taken apart. */
export interface ApiAddress {
  /** Without what was pasted too much, for messages. */
  address: string;
  /** With its `?`, or empty. It stays on every request. */
  query: string;
  /** What the address says of the model: Azure's has the name of a deployment. */
  deployment: string | undefined;
  /** Name of the header for keys. Azure takes none as a bearer token where the version of its API is in the query. */
  keyHeader: "authorization" | "api-key";
  /** What a server's own paths, such as `/tokenize`, are appended to. */
  root: string;
  /** What the paths of the API, without `/v1`, are appended to. Where there are two, the first is tried first. */
  bases: readonly [string, ...string[]];
}

/** Endpoints that people paste as part of an address. */
const endpoint = /\/(?:chat\/completions|completions|models|responses|embeddings)$/;
/** A version of an API, such as `/v1`, `/v4` or `/v1beta`. Some providers go on after it: `/v1/openai`. */
const version = /\/v\d+(?:alpha|beta)?\d*(?=\/|$)/;

/**
 * Takes an address apart. One with a version or a deployment in it is the base of the API as it is, as providers print
 * it. In one without, the API is under `/v1`, or if there is none, right there.
 */
export function readAddress(baseURL: string): ApiAddress {
  const [given = "", ...search] = baseURL.trim().split("?");
  const query = search.length === 0 ? "" : `?${search.join("?")}`;
  const address = given.replace(/\/+$/, "").replace(endpoint, "").replace(/\/+$/, "");
  const root = address.replace(/\/v1$/, "");
  const hasVersion = version.test(URL.parse(address)?.pathname ?? "");
  const deployment = /\/deployments\/([^/]+)$/.exec(address)?.[1];
  const isBase = hasVersion || deployment !== undefined;
  return {
    address,
    query,
    deployment,
    keyHeader: new URLSearchParams(query).has("api-version") ? "api-key" : "authorization",
    root,
    bases: isBase ? [address] : [`${address}/v1`, address],
  };
}
