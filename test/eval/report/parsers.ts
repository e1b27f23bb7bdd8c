import { createRequire } from "node:module";

/** A node of parse5's tree: a real HTML parser says what a page is. */
export interface Node {
  readonly nodeName: string;
  readonly value?: string;
  readonly attrs?: readonly { readonly name: string; readonly value: string }[];
  readonly childNodes?: readonly Node[];
}

const load = createRequire(import.meta.url);

export const parseHtml = (page: string): Node => (load("parse5") as { parse(page: string): Node }).parse(page);

/** Markdown as a page that trusts its author: HTML and bare addresses in it are taken as such. */
export function renderMarkdown(text: string): string {
  type Renderer = new (options: object) => { render(text: string): string };
  const MarkdownIt = load("markdown-it") as Renderer;
  return new MarkdownIt({ html: true, linkify: true }).render(text);
}

/** Every element under a node, in the order of the text. */
export function elementsOf(node: Node): Node[] {
  return (node.childNodes ?? []).flatMap((child) => [
    ...(child.attrs === undefined ? [] : [child]),
    ...elementsOf(child),
  ]);
}

export function textOf(node: Node): string {
  return node.nodeName === "#text" ? (node.value ?? "") : (node.childNodes ?? []).map(textOf).join("");
}

export function attribute(node: Node | undefined, name: string): string | undefined {
  return node?.attrs?.find((attr) => attr.name === name)?.value;
}
