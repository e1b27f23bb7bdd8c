import { setTimeout as sleep } from "node:timers/promises";

/** The tokens that a vLLM or an SGLang says it has generated, since it runs; those that it did not send any more, too. */
export async function generatedByServer(root: string, apiKey: string): Promise<number> {
  await sleep(300); // what it still does after a cut
  const text = await (await fetch(`${root}/metrics`, { headers: { authorization: `Bearer ${apiKey}` } })).text();
  const lines = text.split("\n").filter((line) => /^(?:vllm|sglang):generation_tokens_total[{ ]/.test(line));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
