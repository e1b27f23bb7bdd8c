import type { Engine } from "../../engine/engine.ts";
import type { RunInput } from "../../run/input.ts";
import type { Protocol } from "./protocol.ts";

/** What is sent for a question. A server that takes chats only gets the text of `raw` as a message of the user. */
export function inputOf(
  { form, template, system }: Pick<Protocol, "form" | "template" | "system">,
  question: string,
  { tier = "ids" }: Pick<Engine, "tier">,
): RunInput {
  // Not a pattern: what stands after $ in a question would mean something.
  const content = template.split("{question}").join(question);
  if (form === "raw" && !tier.startsWith("chat")) return { prompt: content };
  const asked = { role: "user", content };
  return { messages: system === undefined ? [asked] : [{ role: "system", content: system }, asked] };
}
