import { expect, it } from "vitest";
import { ask, normalised, recording } from "../testing/recording.ts";
import { apiKey, isOld, kind, url } from "./support.ts";

/** How often a server may cut an answer into other parts than it did then, because it is loaded. */
const attempts = 30;

/** What the fake servers imitate. Where a new version writes something else, record it anew. */
it
  .skipIf(isOld)
  .each(recording(kind === "vllm" ? "vllm-0.32.0" : "sglang-0.5.23").map((one) => [one.name, one] as const))(
  "still writes what was recorded: %s",
  async (_, exchange) => {
    const headers = { ...exchange.headers, ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) };
    const recorded = normalised(exchange.answer);
    await ask(url, { ...exchange, headers });
    let answer = normalised(await ask(url, { ...exchange, headers }));
    for (let at = 0; at < attempts && answer.text !== recorded.text; at++) {
      answer = normalised(await ask(url, { ...exchange, headers }));
    }
    expect(answer).toEqual(recorded);
  },
);
