/** Has a streamed answer say at its end how many tokens it had. */
export const counted = { stream_options: { include_usage: true } } as const;

export const streamed = { stream: true, ...counted } as const;

/** Off: what is left out takes the model's own default, not ours. */
export const samplingInFull = { top_k: -1, min_p: 0, presence_penalty: 0, frequency_penalty: 0 } as const;

/** Routers and replicas that know neither ignore them. */
export const sessionHeaders = ["X-Session-ID", "X-SMG-Routing-Key"] as const;
