/** What to tell somebody whose Node cannot run this; undefined where it can. No import: an old Node must get this far. */
export function complaintAboutNode(found: string): string | undefined {
  const [major = 0, minor = 0] = found.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return undefined;
  return `threadweaver needs Node 22.12 or newer; this is ${found}. Install a newer one: https://nodejs.org`;
}
