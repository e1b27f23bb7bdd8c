/** Why a call is refused, before any server's words are put around it. */
export interface Refusal {
  status: number;
  message: string;
  /** What kind of error it is called. @defaultValue what the server calls that status */
  type?: string | undefined;
  /** The field that is wrong, where the server tells. */
  param?: string | undefined;
  /** Further fields of the error. */
  more?: Record<string, unknown> | undefined;
  /** The whole body, where it is like no other. */
  body?: unknown;
  retryAfter?: number | undefined;
  flat?: boolean | undefined;
  inStream?: boolean | undefined;
}

export function refuse(message: string, more: Partial<Refusal> = {}): Refusal {
  return { status: 400, message, ...more };
}
