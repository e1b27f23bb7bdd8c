import { STATUS_CODES } from "node:http";
import { compactJson, pythonJson } from "./json.ts";
import type { Refusal } from "./refusals/refusal.ts";
import type { Route } from "./routes.ts";
import type { Family, Settings } from "./settings.ts";

const vllmTypes: Record<number, string> = {
  400: "BadRequestError",
  403: "PermissionDeniedError",
  404: "NotFoundError",
  500: "InternalServerError",
  503: "Service Unavailable",
};

const llamaTypes: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  500: "server_error",
  501: "not_supported_error",
  503: "unavailable_error",
};

/** The message of a server that accepts no more calls. */
export const busy: Record<Family, string> = {
  vllm: "The engine is currently busy and cannot accept new requests. Please try again later or on a different instance.",
  sglang: "The request queue is full.",
  llamacpp: "Loading model",
  generic: "server busy, please try again.  maximum pending requests exceeded",
};

/** The body of a refusal. */
export function errorBody({ family }: Settings, route: Route | undefined, refusal: Refusal): unknown {
  const { status, message, param = null, flat, body, more = {} } = refusal;
  if (body !== undefined) return body;
  if (status === 401 && family !== "llamacpp") return { error: "Unauthorized" };
  if (route === "generate" && flat !== true) return { error: { message } };
  if (flat ?? family === "sglang") {
    const type = refusal.type ?? (status === 400 ? "BadRequestError" : String(status));
    return { object: "error", message, type, param, code: status };
  }
  if (family === "llamacpp") {
    return { error: { code: status, message, type: refusal.type ?? llamaTypes[status] ?? "server_error", ...more } };
  }
  const type = refusal.type ?? vllmTypes[status] ?? STATUS_CODES[status] ?? "Error";
  return { error: { message, type, param, code: status } };
}

/** An error inside a stream, as the JSON of an event. vLLM and SGLang write it with spaces, unlike all other events. */
export function errorEvent(settings: Settings, route: Route, refusal: Refusal): string {
  const { status, message } = refusal;
  if (route === "generate") {
    const error = { message, type: "invalid_request_error", code: status, retryable: status >= 500 };
    return compactJson({ error });
  }
  if (settings.family === "sglang") {
    const type = (STATUS_CODES[status] ?? "").toUpperCase().replaceAll(/\W/g, "_");
    return pythonJson({ error: { object: "error", message, type, param: null, code: status } });
  }
  const body = errorBody(settings, route, { ...refusal, flat: false });
  return settings.family === "vllm" ? pythonJson(body) : compactJson(body);
}
