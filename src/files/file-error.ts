import { ThreadweaverError } from "../errors.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is no folder",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
};

/** An error about a file, with the system's reason in words. */
export function fileError(what: string, cause: unknown): ThreadweaverError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const why = reasons[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new ThreadweaverError("file", `${what}: ${why}.`, { cause });
}
