import { isRecord } from "../wire/json-path.ts";

/**
 * The OpenAI client reads an error from the object `error` of a body and drops everything else. SGLang and others write
 * the error without that field, Gemini into a list. This puts such a body into `error`.
 */
export function nestErrors(through: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await through(input, init);
    if (response.ok) return response;
    const text = await response.text();
    const { status } = response;
    const headers = new Headers(response.headers);
    // These headers describe the original body.
    for (const name of ["content-length", "content-encoding", "transfer-encoding"]) headers.delete(name);
    return new Response(nested(text), { status, headers });
  };
}

function nested(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) && isRecord(body["error"]) ? text : JSON.stringify({ error: body });
  } catch {
    return text;
  }
}
