import type { LlamaGrammarEvaluationState, LlamaModel } from "node-llama-cpp";
import { ThreadweaverError } from "../errors.ts";

/**
 * What keeps one call to a grammar in GBNF. It belongs to that call alone, since it remembers what was generated.
 *
 * @throws `invalid_option` for a grammar that llama.cpp cannot read.
 */
export async function grammarState(model: LlamaModel, gbnf: string): Promise<LlamaGrammarEvaluationState> {
  const { LlamaGrammarEvaluationState } = await import("node-llama-cpp");
  try {
    const grammar = await model.llama.createGrammar({ grammar: gbnf });
    return new LlamaGrammarEvaluationState({ model, grammar });
  } catch (cause) {
    throw new ThreadweaverError("invalid_option", `llama.cpp cannot read the grammar of this call: ${gbnf}`, { cause });
  }
}
