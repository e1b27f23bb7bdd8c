import fc from "fast-check";
import { gradingPairs } from "./pairs.ts";

const fragments = [
  ...String.raw`
    0 1 12 3.5 .5 1e5 4.5e33 1,234 999999999999 x y n ab pi e i sqrt sin and or cm + - * / ^ _ = < > , ; : !
    % ' | ( ) [ ] { } ~ . $ & # \frac \dfrac \sqrt \sqrt[3] \left( \right) \{ \} \pm \mp \cup \cap \setminus
    \in \infty \pi \le \ge \approx \cdot \times \div \binom \over \choose \log_ \ln \sin \tan^{-1} \lfloor
    \rfloor \lceil \rceil \text{and} \text{(C)} \mathrm{m} \mathbb{R} ^\circ \begin{pmatrix} \end{pmatrix} \\
    \% \$ \boxed{ \overline{3} \dot{x} ^{\prime} \quad \, \! π √ ∞ ≤ ° ½ ∅ € 两 \ \color{red} \sum_{k=1}^n
    \int_0^1 \log f(x) n!
  `
    .trim()
    .split(/\s+/),
  " ",
  "\n",
  "\\ne",
  "\\text{ cm}",
];

const fragment = fc.constantFrom(...fragments);
const soup = fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join(""));
const repeated = fc
  .tuple(fragment, fragment, fc.integer({ min: 1, max: 700 }))
  .map(([a, b, count]) => `${a.repeat(count)}${b.repeat(count)}`);
const known = fc.constantFrom(...gradingPairs.flatMap(({ gold, answer }) => [gold, answer]));

const { expression } = fc.letrec<{ expression: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    fc.integer({ min: -50, max: 50 }).map(String),
    fc.constantFrom("x", "y", "n", "\\pi", "e", "i", "2.5", "\\frac{1}{3}"),
  ),
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("leaf"),
    fc
      .tuple(tie("expression"), fc.constantFrom("+", "-", "\\cdot ", "/", ","), tie("expression"))
      .map(([a, op, b]) => `(${a})${op}(${b})`),
    fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `\\frac{${a}}{${b}}`),
    fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `(${a})^{${b}}`),
    fc
      .tuple(fc.constantFrom("\\sqrt", "\\sin", "\\ln", "\\log", "\\arctan"), tie("expression"))
      .map(([f, a]) => `${f}{${a}}`),
    tie("expression").map((a) => `\\left|${a}\\right|`),
    tie("expression").map((a) => `(${a})!`),
    fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `[${a}, ${b})`),
    fc
      .tuple(tie("expression"), fc.constantFrom("=", "<", "\\ge "), tie("expression"))
      .map(([a, op, b]) => `${a}${op}${b}`),
  ),
}));

const mutated = fc.tuple(fc.oneof(known, expression), fragment, fc.nat(), fc.nat(3)).map(([text, piece, at, cut]) => {
  const place = at % (text.length + 1);
  return text.slice(0, place) + piece + text.slice(place + cut);
});

/** Something that a model, a data set or an attacker might write as an answer. */
const answers: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: known, weight: 2 },
  { arbitrary: expression, weight: 4 },
  { arbitrary: mutated, weight: 4 },
  { arbitrary: soup, weight: 3 },
  { arbitrary: repeated, weight: 1 },
  { arbitrary: fc.string({ unit: "grapheme", maxLength: 40 }), weight: 1 },
);

/** Two of them; often the same, or nearly. */
export const pairs: fc.Arbitrary<[string, string]> = fc.oneof(
  fc.tuple(answers, answers),
  answers.map((text): [string, string] => [text, text]),
  fc.tuple(answers, fragment, fc.nat()).map(([text, piece, at]): [string, string] => {
    const place = at % (text.length + 1);
    return [text, text.slice(0, place) + piece + text.slice(place)];
  }),
);
