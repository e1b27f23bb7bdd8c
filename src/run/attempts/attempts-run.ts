import { needsOf } from "../../core/policies/check.ts";
import { errorWith } from "../failure.ts";
import type { RunLoop } from "../loop.ts";
import { answersBy } from "../policies/answers.ts";
import type { RunDriver } from "../run.ts";
import type { CheckedAttempts } from "./options.ts";
import { attemptsResult, type AttemptsResult } from "./result.ts";

/** A run whose threads are attempts: the same events, and a result with the votes. */
export function withVotes(
  loop: RunLoop,
  { vote, options }: Pick<CheckedAttempts, "vote" | "options">,
): RunDriver<AttemptsResult> {
  const { policy: policies } = options;
  const { confidence } = needsOf(policies);
  const scoreOf = (threadId: string): number | undefined => confidence && loop.scoreOf(threadId, confidence.window);
  const setup = { ...answersBy(options), policies, vote, scoreOf };
  const result = loop.result.then((made) => {
    try {
      return attemptsResult(made, setup);
    } catch (error) {
      throw errorWith(error, { partial: made }); // a function of the user's threw
    }
  });
  result.catch(() => {}); // a result that is not awaited causes no unhandled rejection
  return {
    result,
    abort: (reason) => loop.abort(reason),
    listen: (onReturn) => loop.listen(onReturn),
    readText: () => loop.readText(),
  };
}
