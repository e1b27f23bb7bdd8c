import { isCredential } from "./secrets.ts";

/** Redirects that keep method and body. */
const faithful = new Set([307, 308]);
const mostRedirects = 5;

/**
 * Follows redirects that keep the request as it is. Any other one is returned as the answer, to be told: `fetch` would
 * turn a POST into a GET. So is one that would take a key to another server.
 */
export function followFaithfully(through: typeof fetch): typeof fetch {
  return async (input, init) => {
    let url = input instanceof Request ? input.url : String(input);
    for (let followed = 0; ; followed += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const response = await through(followed === 0 ? input : url, { ...init, redirect: "manual" });
      const location = faithful.has(response.status) ? response.headers.get("location") : null;
      const target = location === null ? null : URL.parse(location, url);
      if (target === null || followed === mostRedirects) return response;
      if (target.origin !== URL.parse(url)?.origin && hasCredentials(init?.headers)) return response;
      // oxlint-disable-next-line no-await-in-loop -- frees the connection
      await response.body?.cancel();
      url = target.href;
    }
  };
}

function hasCredentials(headers: RequestInit["headers"]): boolean {
  return [...new Headers(headers).keys()].some(isCredential);
}
