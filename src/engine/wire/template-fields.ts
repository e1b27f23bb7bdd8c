/**
 * The fields of a request that give values to a server's chat template: tools have one of their own, all others go
 * together (vLLM 0.32, SGLang 0.5, llama.cpp).
 */
export function templateFields(options: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  if (options === undefined) return {};
  const { tools, ...others } = options;
  return {
    ...(tools === undefined ? {} : { tools }),
    ...(Object.keys(others).length === 0 ? {} : { chat_template_kwargs: others }),
  };
}
