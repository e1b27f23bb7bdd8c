/** The error message for a Node that is too old; undefined for one that is not. This file imports nothing, so that an old Node can load it. */
export function complaintAboutNode(found: string): string | undefined {
  const [major = 0, minor = 0] = found.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return undefined;
  return `threadweaver needs Node 22.12 or newer; this is ${found}. Install a newer one: https://nodejs.org`;
}
