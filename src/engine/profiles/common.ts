/** Makes a streamed answer report at its end how many tokens it had. */
export const counted = { stream_options: { include_usage: true } } as const;

export const streamed = { stream: true, ...counted } as const;

/** Routers and replicas that do not know these headers ignore them. */
export const sessionHeaders = ["X-Session-ID", "X-SMG-Routing-Key"] as const;
