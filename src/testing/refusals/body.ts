import type { FakeRequest } from "../http.ts";
import { isRecord } from "../json.ts";
import type { Route } from "../routes.ts";
import type { Settings } from "../settings.ts";
import { refuse } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";
import { invalid as invalidOnSglang } from "./sglang.ts";
import { invalid as invalidOnVllm } from "./vllm.ts";

/** Why a body is refused before its fields are looked at: vLLM 0.32.0 and SGLang 0.5.23, as measured. */
export function bodyRefusal(
  { family }: Settings,
  route: Route,
  { text, body }: FakeRequest,
  contentType: string | undefined,
): Refusal | undefined {
  if (text !== "" && isRecord(body)) {
    const json = contentType === undefined || contentType.startsWith("application/json");
    if (json || family !== "vllm") return undefined;
    const message = "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed";
    return refuse(message, { type: "Bad Request" });
  }
  if (family === "sglang" && route !== "generate") {
    if (text === "") {
      return invalidOnSglang(route, "'type': 'missing', 'loc': ('body',), 'msg': 'Field required', 'input': None");
    }
    const where = `'loc': ('body', ${text.length}), 'msg': 'JSON decode error'`;
    const context = "'ctx': {'error': 'unexpected end of data'}";
    return invalidOnSglang(route, `'type': 'json_invalid', ${where}, 'input': {}, ${context}`);
  }
  if (family === "llamacpp") return refuse("[json.exception.parse_error.101] parse error", { status: 500 });
  if (family !== "vllm") return refuse("the body must be a JSON object");
  if (text === "") {
    return invalidOnVllm("body", ["{'type': 'missing', 'loc': 'body', 'msg': 'Field required', 'input': 'None'}"]);
  }
  if (Array.isArray(body)) {
    const message = "Input should be a valid dictionary or object to extract fields from";
    const input = `'<list of ${body.length} items>'`;
    return invalidOnVllm("body", [
      `{'type': 'model_attributes_type', 'loc': 'body', 'msg': '${message}', 'input': ${input}}`,
    ]);
  }
  // The place where the real parser gives up is not imitated: this always names the end.
  const where = `body.${text.length}`;
  const context = `'ctx': {'error': "Expecting ',' delimiter"}`;
  return invalidOnVllm(where, [
    `{'type': 'json_invalid', 'loc': '${where}', 'msg': 'JSON decode error', 'input': '<dict of 0 items>', ${context}}`,
  ]);
}
