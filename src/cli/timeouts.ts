import type { Timeouts } from "../engine/openai.ts";

/** Flags for how long a server may be silent, in seconds, as a person counts. */
export interface TimeoutFlags {
  readonly "connect-timeout": number | undefined;
  readonly "first-token-timeout": number | undefined;
  readonly "idle-timeout": number | undefined;
}

/** The option that each flag stands for. */
export const timeoutOptions: Readonly<Record<keyof TimeoutFlags, keyof Timeouts>> = {
  "connect-timeout": "connectMs",
  "first-token-timeout": "firstTokenMs",
  "idle-timeout": "idleMs",
};

/** Undefined where no flag was given. */
export function timeoutsOf(flags: TimeoutFlags): Timeouts | undefined {
  const milliseconds = (seconds: number | undefined): number | undefined => seconds && Math.ceil(seconds * 1000);
  const timeouts: Timeouts = {
    connectMs: milliseconds(flags["connect-timeout"]),
    firstTokenMs: milliseconds(flags["first-token-timeout"]),
    idleMs: milliseconds(flags["idle-timeout"]),
  };
  return Object.values(timeouts).some((value) => value !== undefined) ? timeouts : undefined;
}
