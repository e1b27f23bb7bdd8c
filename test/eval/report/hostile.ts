import type { Header } from "../../../src/eval/ledger/header.ts";
import type { Sample, SampleFailure } from "../../../src/eval/ledger/sample.ts";
import { failureWith, headerWith, sampleWith } from "../ledgers.ts";

/** Texts that try to become more than text. */
export const hostile: readonly string[] = [
  "<script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  `' onmouseover='alert(1)`,
  "</style><script>alert(1)</script>",
  "</title></svg></table><h1>owned</h1>",
  "<!-- --!> <![CDATA[ ]]> &lt;b&gt; &#60;i&#62; &amp",
  "a\u2028b\u2029c\u0000d\u202Ee\uFEFFf\uD800g",
  "| more | cells |\n\n# heading\n\n- item\n> quote\n---\n===\n",
  "```\n<b>fenced</b>\n``` ` `` \\` \\",
  "[link](javascript:alert(1)) ![image](http://evil.example/x.png) <http://evil.example>",
  "http://evil.example www.evil.example me@evil.example @everyone",
  "**bold** _soft_ ~~gone~~ $x$ \\| \\\\| {{ 1 }} ${1}",
  "1. one\n2) two\n    code\n+ plus\n* star\n\tTab",
  "__proto__",
  "",
];

/** A ledger with one hostile text in every field that takes text. */
export function hostileLedger(text: string): { header: Header; samples: (Sample | SampleFailure)[] } {
  const named = (name: string): string => `${text}${name}`;
  const plain = headerWith();
  const header: Header = {
    ...plain,
    threadweaver: text,
    created: text,
    dataset: { ...plain.dataset, name: text, sha256: text, digest: text },
    protocol: { ...plain.protocol, name: text, template: text, system: text, closing: { text, tokens: 1 } },
    arms: [
      { name: named("a"), kind: "sequential", endpoint: text },
      { name: named("b"), kind: "budget", endpoint: text },
    ],
    endpoints: [{ name: text, engine: text, model: text, server: text, version: text, tier: text }],
    dialect: text,
  };
  const odd = { answer: text, found: text, ending: text, early: { [text]: 1 }, text, trace: text };
  return {
    header,
    samples: [
      sampleWith({ ...odd, arm: named("a"), problem: named("p"), decided: "unreadable" }),
      sampleWith({ ...odd, arm: named("a"), problem: named("p"), sample: 1, answer: null, decided: null }),
      sampleWith({ ...odd, arm: named("a"), problem: named("only here") }),
      sampleWith({ ...odd, arm: named("b"), problem: named("p"), decided: "undecided", score: 0 }),
      failureWith({ arm: named("b"), problem: named("p"), sample: 1, code: text, message: text }),
    ],
  };
}
