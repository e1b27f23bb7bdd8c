import type { About } from "../../trace/timeline/timeline.ts";

/** What a run was, in one line: `run.jsonl: threadweaver, fork-join on my-model, seed 7`. */
export function aboutLine({ name, dialect, mode, model, seed }: About): string {
  const how = [dialect, mode].filter((part) => part !== undefined).join(", ");
  const on = model === undefined ? "" : ` on ${model}`;
  return `${name}: ${how}${on}${how === "" && on === "" ? "" : ", "}seed ${seed}`;
}
