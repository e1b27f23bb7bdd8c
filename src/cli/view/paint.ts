import { styleText } from "node:util";
import type { Output } from "../world.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
export type Paint = (style: Style, text: string) => string;

/** Colours the text if the stream is a terminal that shows colours and NO_COLOR is not set. */
export function painter(stream: Output): Paint {
  return (style, text) => styleText(style, text, { stream });
}

export const plain: Paint = (_, text) => text;
