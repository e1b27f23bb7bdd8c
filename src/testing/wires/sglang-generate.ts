import type { Call, Choice } from "../call.ts";
import { float } from "../json.ts";
import { nativeLogprobsOf } from "../logprobs.ts";
import { weightVersions } from "./sglang.ts";
import { created } from "./wire.ts";
import type { Wire } from "./wire.ts";

/**
 * SGLang's own route (0.5.23), as measured. Each part of a stream repeats what came before. Times are always the same.
 */
export const sglangGenerate: Wire = {
  part: ({ call, choice, from, to, isLast }) => [
    {
      text: choice.visible.text(to),
      output_ids: choice.generated.ids.slice(0, to),
      meta_info: metaOf(call, choice, to, { isLast, isFirst: from === 0, streams: true }),
      ...(call.choices.length === 1 ? {} : { index: choice.index }),
    },
  ],
  closing: () => [],
  whole(call) {
    const answers = call.choices.map((choice) => wholeOf(call, choice));
    return call.choices.length === 1 ? answers[0] : answers;
  },
  done: true,
};

/**
 * A stream that is refused, in the form of an aborted answer: because the queue is full, or because the call asks for what
 * the server was not started with. The latter still runs, on a prompt of one token, and has the one token that comes of it.
 */
export function refusedAnswer(
  id: string,
  { asked, settings }: Pick<Call, "asked" | "settings">,
  why: Refused,
): unknown {
  const { status, message } = why;
  const ran = status < 500;
  const reason = { type: "abort", message, status_code: status, err_type: ran ? "BadRequestError" : null };
  const prompt = ran ? 1 : (asked.prompts[0]?.length ?? 0);
  const counts = { prompt_tokens: prompt, completion_tokens: ran ? 1 : 0, cached_tokens: 0 };
  return {
    text: "",
    output_ids: ran ? [settings.tokenizer.eos] : [],
    meta_info: { id, finish_reason: reason, ...counts },
  };
}

interface Refused {
  status: number;
  message: string;
}

function wholeOf(call: Call, choice: Choice): unknown {
  const { ids } = choice.generated;
  const meta = metaOf(call, choice, ids.length, { isLast: true, isFirst: false, streams: false });
  return { text: choice.visible.text(ids.length), output_ids: ids, meta_info: meta };
}

interface Place {
  isLast: boolean;
  isFirst: boolean;
  streams: boolean;
}

function metaOf(
  call: Call,
  choice: Choice,
  tokens: number,
  { isLast, isFirst, streams }: Place,
): Record<string, unknown> {
  const time = float(created);
  const sent = { response_sent_to_client_ts: time };
  const decoded = tokens > 1 ? { decode_throughput: float(300) } : {};
  return {
    id: choice.id,
    finish_reason: isLast ? finishOf(choice) : null,
    prompt_tokens: choice.prompt.length,
    weight_version: "default",
    num_retractions: 0,
    storage_prefetch_wait: float(0),
    storage_staging_wait: float(0),
    forward_entry_time: time,
    prefill_finished_time: time,
    queue_time: float(0.0003),
    ...nativeLogprobsOf(call, choice, tokens),
    reasoning_tokens: 0,
    completion_tokens: tokens,
    cached_tokens: choice.cache.hit,
    ...(isLast ? { weight_versions: weightVersions(choice) } : {}),
    cached_tokens_details: choice.cache.hit === 0 ? null : { device: choice.cache.hit, host: 0 },
    dp_rank: null,
    ...(isFirst && !isLast ? sent : {}),
    ...(isLast
      ? {
          e2e_latency: float(0.01),
          request_received_ts: time,
          first_token_latency: float(0.005),
          api_server_dispatch_finish_ts: time,
          // A field that was sent before keeps its place.
          ...(streams && !isFirst ? { ...sent, request_finished_ts: time, ...decoded } : {}),
          ...(streams && !isFirst ? {} : { request_finished_ts: time, ...decoded, ...sent }),
        }
      : {}),
  };
}

function finishOf({ generated: { finish, matched, ids } }: Choice): unknown {
  if (finish === undefined) return null;
  if (finish === "stop") return { type: "stop", matched };
  if (finish === "length") return { type: "length", length: ids.length };
  return { type: "abort", message: "Aborted", status_code: null, err_type: null };
}
