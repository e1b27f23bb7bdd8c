/** Other ways to write a reference that change nothing of its value, by text alone: this shares no code with the grader. */
const changes: readonly ((text: string) => string)[] = [
  (text) => text.replaceAll(/\\d?frac(?=\{)/g, String.raw`\dfrac`),
  (text) => text.replaceAll(/\\frac(\d)(\d)/g, String.raw`\tfrac{$1}{$2}`),
  (text) => text.replaceAll(/\\sqrt\s*(\d)(?!\d)/g, String.raw`\sqrt{$1}`),
  (text) => text.replaceAll(/\^\{\s*(\d)\s*\}/g, "^$1"),
  (text) => text.replaceAll(/_([A-Za-z0-9])(?![A-Za-z0-9])/g, "_{$1}"),
  (text) => text.replaceAll(/(?<=[\w})\]])\s*([+=])\s*(?=[\w\\({[])/g, " $1 "),
  (text) => text.replaceAll(String.raw`^\circ`, String.raw`^{\circ}`),
  (text) => text.replaceAll(/\\text\{([A-Za-z]+)\}/g, String.raw`\mathrm{$1}`),
  (text) => text.replaceAll(String.raw`\pi`, String.raw`{\pi}`),
  (text) =>
    /\\left|\\right|\[.*\)|\(.*\]/.test(text)
      ? text
      : text.replaceAll("(", String.raw`\left( `).replaceAll(")", String.raw` \right)`),
  (text) => text.replace(/^(-?\d*\.?\d+)e(-?\d+)$/, String.raw`$1 \times 10^{$2}`),
  // Thousands, or a zero at the end.
  (text) => text.replace(/^(\d{1,3})(\d{3})$/, "$1,$2"),
  (text) => text.replace(/^(-?\d{1,3})$/, "$1.0"),
  (text) => text.replace(/^(-?\d*\.\d+)$/, "$10"),
  // Lists of numbers the other way round.
  (text) => (/^-?\d{1,2}(?:,-?\d{1,2})+$/.test(text) ? text.split(",").reverse().join(", ") : text),
  (text) => (/\$|,\s*where/.test(text) ? text : String.raw`$\displaystyle ${text}$`),
  (text) => `${text} .`,
];

export function restyled(reference: string): string {
  return changes.reduce((text, change) => change(text), reference);
}

/** A rough value: references of another one differ. Numbers by value, all others by their characters. */
export function roughValue(reference: string): string {
  const bare = reference
    .replaceAll(/\\(?:left|right|displaystyle|!|,|;| )|\$|\s|\.$/g, "")
    .replaceAll(/\\[dt]frac/g, String.raw`\frac`)
    .replaceAll(/\{,\}/g, "");
  const number = Number(
    bare
      .replaceAll(/^\+|^[a-z]=|(?<=\d),(?=\d{3}(?!\d))|\^\\circ$|\^\{\\circ\}$/g, "")
      .replace(/^(-?)\\frac\{(\d+)\}\{(\d+)\}$/, "$1$2/$3"),
  );
  return Number.isNaN(number) || bare === "" ? bare : String(number);
}
