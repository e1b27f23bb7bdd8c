import type { ErrorCode } from "../../src/errors.ts";
import type { ByteTokenizer, FakeAnswer } from "../../src/testing/index.ts";
import type { Chance } from "../core/drive.ts";
import type { Break, LineFault } from "./line.ts";
import { TokenEvent } from "./token-event.ts";

/** The attempt that a fault strikes. */
interface Attempt {
  /** What the model would say, without an end of sequence. */
  rest: readonly number[];
  tokenizer: ByteTokenizer;
  chance: Chance;
}

/** What is done to an attempt: by the server, or on the line to the client. */
export type Strike = { answer: Partial<FakeAnswer> } | { line: LineFault };

export interface FaultKind {
  /** How often it is drawn. */
  weight: number;
  strike: (attempt: Attempt) => Strike;
  /** What a run fails with if no attempt of a call is spared. Undefined: the run is none the worse for it. */
  lasting?: ErrorCode | undefined;
  /** What a call fails with at once. A server that answers so is broken, and nothing is tried again. */
  fatal?: ErrorCode | undefined;
  /** What the client reads is not what the server said. */
  altered?: true;
  /** Nobody can know that the answer is wrong, so a run may come to any end. Its tokens are still those that came. */
  unseen?: true;
}

const refused = (status: number, more: object = {}): FaultKind => ({
  weight: 2,
  strike: () => ({ answer: { refusal: { status, ...more } } }),
  lasting: "engine_failed",
});

/** The answer breaks off after some of its tokens. */
const broken = (ending: FakeAnswer["ending"], lasting: ErrorCode = "engine_failed"): FaultKind => ({
  weight: 3,
  strike: ({ rest, chance }) => ({ answer: { ids: rest.slice(0, chance(rest.length + 1)), ending } }),
  lasting,
});

const unanswered = (how: Break, lasting: ErrorCode): FaultKind => ({
  weight: how === "silence" ? 1 : 3,
  strike: () => ({ line: { kind: "unanswered", how } }),
  lasting,
});

const inEvent = (how: Break, lasting: ErrorCode): FaultKind => ({
  weight: how === "silence" ? 1 : 3,
  strike: ({ chance }) => ({ line: { kind: "inEvent", events: chance(8), bytes: 1 + chance(40), how } }),
  lasting,
});

/** One of the first events of the answer that have tokens, and those after it, are changed. */
const changed = (
  change: (event: TokenEvent, attempt: Attempt) => string,
  more: Pick<FaultKind, "lasting" | "fatal" | "unseen"> = {},
): FaultKind => ({
  weight: 2,
  strike(attempt) {
    const from = attempt.chance(4);
    const rewrite = (data: string, nth: number): string => {
      const event = nth < from ? undefined : TokenEvent.parse(data);
      return event === undefined ? data : change(event, attempt);
    };
    return { answer: { rewrite } };
  },
  altered: true,
  ...more,
});

const failed = { lasting: "engine_failed" } as const;
const withoutDone = (data: string): string | undefined => (data === "[DONE]" ? undefined : data);

export const faults = {
  "429": refused(429),
  "429 with Retry-After": refused(429, { retryAfter: 2 }),
  "429 inside the stream": refused(429, { inStream: true }),
  "503": refused(503),
  "503 with Retry-After": refused(503, { retryAfter: 1 }),
  "503 inside the stream": refused(503, { inStream: true }),
  "500": refused(500),
  "reset before headers": unanswered("reset", "engine_unavailable"),
  "closed before headers": unanswered("close", "engine_unavailable"),
  "silence before headers": unanswered("silence", "timeout"),
  "reset in a token": inEvent("reset", "engine_failed"),
  "cut in a token": inEvent("close", "engine_failed"),
  "silence in a token": inEvent("silence", "timeout"),
  "silence between tokens": { ...broken("silence", "timeout"), weight: 1 },
  "cut between tokens": broken("drop"),
  "cut in a marker": {
    weight: 3,
    strike({ rest, chance }) {
      // A marker is one token, or its characters are.
      const token = rest.findIndex((id) => id > 257);
      if (token >= 0) return { line: { kind: "inEvent", events: token, bytes: 90 + chance(60), how: "close" } };
      return { answer: { ids: rest.slice(0, rest.indexOf(0x3c) + 1 + chance(8)), ending: "drop" } };
    },
    ...failed,
  },
  "cut in a character, between its bytes on the line": {
    weight: 3,
    strike: () => ({ line: { kind: "inCharacter", how: "close" } }),
    ...failed,
  },
  "cut in a character, between its tokens": {
    weight: 3,
    strike({ rest }) {
      const first = rest.findIndex((id) => id >= 0xc0 && id < 0x100);
      return { answer: { ids: rest.slice(0, first + 1), ending: "drop" } };
    },
    ...failed,
  },
  "cut after the last token, before the reason": {
    weight: 3,
    strike: ({ rest }) => ({ answer: { ids: rest, ending: "drop" } }),
    lasting: "engine_failed",
  },
  "end without a reason": broken("end"),
  "no stop reason with the last token": changed((event) => event.withFinish(null), failed),
  "unknown stop reason": changed((event) => (event.finish === null ? event.json : event.withFinish("tired")), failed),
  "error event with [DONE]": broken("error"),
  "error event without [DONE]": {
    ...broken("error"),
    strike: ({ rest, chance }) => ({
      answer: {
        ids: rest.slice(0, chance(rest.length + 1)),
        ending: "error",
        rewrite: withoutDone,
      },
    }),
  },
  "abort that nobody asked for": broken("abort"),
  "[DONE] missing": { weight: 2, strike: () => ({ answer: { rewrite: withoutDone } }) },
  "bytes that come a few at a time": { weight: 2, strike: () => ({ line: { kind: "dribble" } }) },
  "JSON that is cut off": changed((event) => event.json.slice(0, -9), failed),
  "JSON that is no object": changed(() => "[]", failed),
  "an event of two lines": changed((event) => event.json.replace(",", ",\n"), failed),
  "an event without its name": {
    weight: 2,
    strike: ({ chance }) => ({ line: { kind: "nameless", events: chance(4) } }),
    altered: true,
    unseen: true,
  },
  "no ids": changed((event) => event.withIds(undefined), { fatal: "engine_refused" }),
  "an empty list of ids": changed((event) => event.withIds([]), { fatal: "engine_refused" }),
  "ids that are no whole numbers": changed((event) => event.withIds([1.5]), { fatal: "engine_refused" }),
  "an id beyond the vocabulary": changed((event, { tokenizer }) => event.withIds([tokenizer.size + 7]), {
    fatal: "engine_failed",
  }),
  "a negative id": changed((event) => event.withIds([-1]), { fatal: "engine_failed" }),
  "an id of another token": changed((event) => event.withIds([0x51]), { unseen: true }),
  "a text of another token": changed((event) => event.withText("?!"), { unseen: true }),
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof faults;

export function faultOf(name: FaultName): FaultKind {
  return faults[name];
}
