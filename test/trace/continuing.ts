const end = "</Parallel>\nso it is</think>12";

/**
 * Threads in the format of ThreadWeaver, by a model that goes on from wherever its context ends: what a greedy model does
 * when a call is made again.
 *
 * @param prompt what the run begins with.
 * @param texts what each thread writes; it ends with a line feed.
 */
export function continuingModel(prompt: string, texts: readonly string[]): (context: string) => string {
  const items = texts.map((_, i) => `<Outline>${i + 1}: part</Outline>\n`).join("");
  const plan = `Split.<Parallel>\n<Outlines>\n${items}</Outlines>`;
  return (context) => {
    const [, name, inThread] = /\n<Thread>\n(\d+):([^<]*)$/.exec(context) ?? [];
    if (name !== undefined) return restOf(`${texts[Number(name) - 1]}</Thread>`, inThread);
    const joined = context.lastIndexOf("</Thread>\n");
    if (joined >= 0) return restOf(end, context.slice(joined + "</Thread>\n".length));
    return restOf(plan, context.slice(context.indexOf(prompt) + prompt.length));
  };
}

function restOf(whole: string, written = ""): string {
  if (whole.startsWith(written)) return whole.slice(written.length);
  throw new Error(`the model did not write ${JSON.stringify(written)}`);
}
