import fc from "fast-check";

/** Limits that runs of scripted models reach now and then. */
export const someLimits = {
  maxTokens: fc.integer({ min: 1, max: 300 }),
  maxThreadTokens: fc.integer({ min: 1, max: 40 }),
  maxCriticalTokens: fc.integer({ min: 1, max: 150 }),
  maxThreads: fc.integer({ min: 1, max: 4 }),
  maxForks: fc.integer({ min: 1, max: 3 }),
  maxCalls: fc.integer({ min: 1, max: 10 }),
};
