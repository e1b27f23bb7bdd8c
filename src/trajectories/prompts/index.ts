import { editsPrompt } from "./edits.ts";
import { needsPrompt } from "./needs.ts";
import { outlinesPrompt } from "./outlines.ts";
import { stepsPrompt } from "./steps.ts";
import { summaryPrompt } from "./summary.ts";

/** The versions of all questions, such as `steps@1`, for the files that answers are kept in. */
export const promptVersions: readonly string[] = [
  stepsPrompt,
  needsPrompt,
  editsPrompt,
  outlinesPrompt,
  summaryPrompt,
].map(({ name, version }) => `${name}@${version}`);
