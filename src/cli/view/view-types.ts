import type { RunEvent } from "../../run/events.ts";

/** Somewhere to watch a run. */
export interface View {
  event(event: RunEvent): void;
  /** Nothing more comes, whether the run ended or broke off. */
  end(): void;
}
