/** How much of everything a loop has. */
export interface Size {
  /** Finished texts to learn the format from. */
  readonly texts: number;
  readonly sft: { readonly steps: number; readonly lr: number; readonly stepTokens: number };
  /** Problems that the taught model answers itself, and supervised steps on its first right answers. */
  readonly self: { readonly problems: number; readonly tries: number; readonly steps: number };
  /** Generated tokens of one answer, at most: a model that is not sure when to stop must not take the evening for it. */
  readonly mostTokens: number;
  /** Problems that are never trained on. */
  readonly evaluated: number;
  readonly rl: {
    readonly steps: number;
    readonly problems: number;
    readonly group: number;
    readonly lr: number;
  };
}

/** `smoke`: does all of it work? `quick`: does something move? `full`: an evening. */
export const sizes = {
  smoke: {
    texts: 60,
    sft: { steps: 20, lr: 3e-4, stepTokens: 2048 },
    self: { problems: 4, tries: 2, steps: 3 },
    mostTokens: 800,
    evaluated: 4,
    rl: { steps: 3, problems: 4, group: 4, lr: 1e-4 },
  },
  quick: {
    texts: 2000,
    sft: { steps: 300, lr: 1.5e-3, stepTokens: 4096 },
    self: { problems: 40, tries: 4, steps: 30 },
    mostTokens: 1600,
    evaluated: 30,
    rl: { steps: 8, problems: 8, group: 8, lr: 1e-4 },
  },
  full: {
    texts: 8000,
    sft: { steps: 1400, lr: 1.5e-3, stepTokens: 4096 },
    self: { problems: 300, tries: 4, steps: 100 },
    mostTokens: 1600,
    evaluated: 150,
    rl: { steps: 60, problems: 16, group: 8, lr: 1e-4 },
  },
} as const satisfies Record<string, Size>;
