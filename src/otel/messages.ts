import type { ObservedRun } from "../run/observe.ts";
import type { RunSummary } from "../run/result.ts";

interface Message {
  role: string;
  parts: { type: "text" | "reasoning"; content: string }[];
  finish_reason?: string;
}

/** What a run was asked, in the form of the conventions; undefined where that is not known as text. */
export function inputMessages(input: ObservedRun["input"]): string | undefined {
  if (input?.prompt !== undefined) return asJson([message("user", input.prompt)]);
  if (input?.messages === undefined) return undefined;
  return asJson(
    input.messages.map(({ role, content }) =>
      message(role, typeof content === "string" ? content : content.map(({ text }) => text).join("")),
    ),
  );
}

/** What it answered. */
export function outputMessages({ reasoning, content, finishReason }: RunSummary): string {
  const thought: Message["parts"] = reasoning === "" ? [] : [{ type: "reasoning", content: reasoning }];
  const { parts, role } = message("assistant", content);
  return asJson([{ role, parts: [...thought, ...parts], finish_reason: finishReason }]);
}

function message(role: string, content: string): Message {
  return { role, parts: [{ type: "text", content }] };
}

function asJson(messages: readonly Message[]): string {
  return JSON.stringify(messages);
}
