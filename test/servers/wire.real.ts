import { expect, it } from "vitest";
import { ask, normalised, recording } from "../testing/recording.ts";
import { apiKey, isOld, kind, url } from "./support.ts";

/** How often a server may cut an answer into other parts than it did then, because it is loaded. */
const attempts = 30;

type Answer = ReturnType<typeof normalised>;

/** Of an answer with several choices each comes in order; which of them writes first is chance. */
function byChoice(answer: Answer): Answer {
  if (!answer.text.startsWith("data: ")) return answer;
  const events = answer.text.split("\n\n");
  const choiceOf = (event: string): number => Number(/"choices":\[\{"index":(\d+)/.exec(event)?.[1] ?? Infinity);
  const order = (one: string, other: string): number => Math.sign(choiceOf(one) - choiceOf(other)) || 0;
  return { ...answer, text: events.toSorted(order).join("\n\n") };
}

const recordings = { vllm: "vllm-0.32.0", sglang: "sglang-0.5.23", llamacpp: "llamacpp-0.5.0" };

/** What the fake servers imitate. Where a new version writes something else, record it anew. */
it.skipIf(isOld).each(recording(recordings[kind]).map((one) => [one.name, one] as const))(
  "still writes what was recorded: %s",
  async (_, exchange) => {
    const headers = { ...exchange.headers, ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) };
    const recorded = byChoice(normalised(exchange.answer));
    await ask(url, { ...exchange, headers });
    let answer = byChoice(normalised(await ask(url, { ...exchange, headers })));
    for (let at = 0; at < attempts && answer.text !== recorded.text; at++) {
      answer = byChoice(normalised(await ask(url, { ...exchange, headers })));
    }
    expect(answer).toEqual(recorded);
  },
);
