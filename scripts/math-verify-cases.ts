/**
 * Grades the cases of math-verify's own tests and lists every miss:
 *   node scripts/math-verify-cases.ts FOLDER
 * where FOLDER is `tests` of its source distribution (`pip download --no-binary :all: --no-deps math-verify`, then unpack). The
 * tests are read with Python's own parser, never run. Picked are cases whose two sides are each boxed, one formula, or bare:
 * finding an answer in prose is another question.
 */
import { execFileSync } from "node:child_process";
import { definePolicy, equal, extractAnswer } from "../src/grade/index.ts";

interface Case {
  file: string;
  line: number;
  gold: string;
  answer: string;
  expected: number;
  /** Decimals that are compared, where a case says so. */
  precision: number | null;
}

const reader = `
import ast, glob, json, os, sys
for path in sorted(glob.glob(os.path.join(sys.argv[1], "test_*.py"))):
    for node in ast.walk(ast.parse(open(path, encoding="utf-8").read())):
        if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "parametrize" and len(node.args) > 1): continue
        try: names, rows = ast.literal_eval(node.args[0]), node.args[1].elts
        except Exception: continue
        names = [n.strip() for n in (names.split(",") if isinstance(names, str) else names)]
        if names[:2] != ["gold", "pred"] or "expected" not in names: continue
        for row in rows:
            try: values = dict(zip(names, ast.literal_eval(row)))
            except Exception: continue
            if values.get("strict", True) is not True or not isinstance(values["gold"], str): continue
            print(json.dumps(dict(file=os.path.basename(path), line=row.lineno, gold=values["gold"], answer=values["pred"],
                                  expected=int(values["expected"]), precision=values.get("precision"))))
`;

const [folder] = process.argv.slice(2);
if (folder === undefined)
  throw new Error("The folder of math-verify's tests is missing: node scripts/math-verify-cases.ts FOLDER");

const read = execFileSync("python3", ["-c", reader, folder], { encoding: "utf8" });
const all = read
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Case);
const picked = all.filter(({ gold, answer }) => isPicked(gold) && isPicked(answer));
const misses = picked.filter((one) => verdictOf(one) !== (one.expected === 1));
console.log(
  `${all.length} cases, ${picked.length} boxed or bare, ${picked.length - misses.length} as they say, ${misses.length} not:`,
);
for (const { file, line, gold, answer, expected } of misses) {
  console.log(
    `${file}:${line} expected ${expected === 1 ? "equal" : "different"}\n    ${short(gold)}\n    ${short(answer)}`,
  );
}

function isPicked(text: string): boolean {
  if (/\\boxed|\\fbox/.test(text)) return true;
  const trimmed = text.trim();
  const formula = /^(?:\$\$?[^$]*\$\$?|\\\([^$]*\\\)|\\\[[^$]*\\\])[.,]?$/.test(trimmed);
  // Bare: short, without a sentence, and without a formula inside of other words.
  const bare = trimmed.replaceAll(/\\text\w*\{[^}]*\}/g, "");
  return formula || (trimmed.length <= 60 && !/\$|\\[([]|[a-z]{3,} [a-z]{2,}|:\s/i.test(bare));
}

function verdictOf({ gold, answer, precision }: Case): boolean {
  // Theirs compares decimals after rounding; a number of decimals is a distance here.
  const policy = definePolicy({
    tolerance: { absolute: precision === null || precision === 6 ? 0 : 0.5 * 10 ** -precision },
  });
  return equal(answerIn(gold), answerIn(answer), policy).equal;
}

function answerIn(text: string): string {
  return extractAnswer(text, /\\boxed|\\fbox/.test(text) ? "lastBox" : "whole").answer ?? "";
}

function short(text: string): string {
  const flat = text.replaceAll(/\s+/g, " ").trim();
  return flat.length > 200 ? `… ${flat.slice(-200)}` : flat;
}
