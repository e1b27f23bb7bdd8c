/** Why a call is refused, before a server's own form is put around it. */
export interface Refusal {
  status: number;
  message: string;
  /** The type of the error. @defaultValue the server's name of that status */
  type?: string | undefined;
  /** The field that is wrong, where the server names it. */
  param?: string | undefined;
  /** Further fields of the error. */
  more?: Record<string, unknown> | undefined;
  /** The whole body, where it has a form of its own. */
  body?: unknown;
  retryAfter?: number | undefined;
  flat?: boolean | undefined;
  inStream?: boolean | undefined;
  /** Whether SGLang refuses it after it was queued, so that its own route has the form of an aborted answer. */
  aborts?: boolean | undefined;
}

export function refuse(message: string, more: Partial<Refusal> = {}): Refusal {
  return { status: 400, message, ...more };
}
