import { isRecord } from "../wire/json-path.ts";

/**
 * The client reads what went wrong from a body's `error` and forgets the rest; SGLang and others write it flat. Puts
 * such a body where the client looks.
 */
export function nestErrors(through: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await through(input, init);
    if (response.ok) return response;
    const text = await response.text();
    const { status } = response;
    const headers = new Headers(response.headers);
    // These are of the body as it came.
    for (const name of ["content-length", "content-encoding", "transfer-encoding"]) headers.delete(name);
    return new Response(nested(text), { status, headers });
  };
}

function nested(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) && body["error"] === undefined ? JSON.stringify({ error: body }) : text;
  } catch {
    return text;
  }
}
