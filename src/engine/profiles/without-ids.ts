import type { EngineProfile } from "../profile.ts";

/**
 * The profile of a server that returns no token ids. Prompts stay ids where the server accepts them. Markers are found
 * in the text, so the token that ended a call must not be shown: it would be the end of sequence.
 */
export function withoutIds(profile: EngineProfile): EngineProfile {
  const hidden = ["return_token_ids", "include_stop_str_in_output", "no_stop_trim"];
  const always = Object.fromEntries(
    Object.entries(profile.request.always).filter(([field]) => !hidden.includes(field)),
  );
  return {
    ...profile,
    request: { ...profile.request, stopIds: null, stopStrings: null, always, logprobs: null, topLogprobs: null },
    answer: { ...profile.answer, ids: null, promptIds: null, logprobs: null, topLogprobs: null },
    bulk: null,
  };
}
