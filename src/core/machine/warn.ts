import type { WarningCode } from "./protocol.ts";
import type { Sequence, State } from "./state.ts";

/** Reports a problem that does not stop the run. */
export function warn(state: State, { threadId }: Sequence, code: WarningCode, message: string): void {
  state.outbox.push({ e: "warning", warning: { code, message, threadId } });
}
