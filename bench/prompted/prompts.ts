/** Everyday questions of the project's own. `parts`: whether a person would split the question. */
export const prompts: readonly { readonly ask: string; readonly parts: boolean }[] = [
  { ask: "Compare a bicycle and a car for a commute of five kilometres: cost, time and health.", parts: true },
  { ask: "What are the pros and cons of working from home?", parts: true },
  { ask: "What is 64*27 + 14*89?", parts: true },
  { ask: "Give me one tip each for sleeping better, eating better and moving more.", parts: true },
  { ask: "Introduce the planets Mars, Jupiter and Saturn to a child.", parts: true },
  { ask: "Plan a trip of three days to Rome, day by day.", parts: true },
  { ask: "How do I make green tea, filter coffee and hot chocolate?", parts: true },
  {
    ask: "A shop sold 120 apples at 2 euros and 80 melons at 3 euros in June. How much did it take for each, and in all?",
    parts: true,
  },
  { ask: "What is the capital of France?", parts: false },
  { ask: "Translate 'good morning' into German.", parts: false },
  { ask: "Who wrote Hamlet?", parts: false },
  { ask: "Correct the spelling: I recieved your mesage yesterday.", parts: false },
];
