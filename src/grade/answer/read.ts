import { Unreadable } from "../read/cursor.ts";
import { readExpression } from "../read/expression.ts";
import { commaReadings, joinNumbers } from "../read/numbers.ts";
import { isCommand, isSymbol, type Token } from "../read/token.ts";
import type { Policy } from "../policy.ts";
import type { Steps } from "../steps.ts";
import { emptyList, words, type Answer, type List, type Ratio } from "./answer.ts";
import { hasBothSigns, withSigns } from "./both-signs.ts";
import { readMatrix } from "./matrix.ts";
import { isSeparator, withoutLabel } from "./separator.ts";
import { isRelation, readRelation } from "./relation.ts";
import { numberWord, readBased, readScalar } from "./scalar.ts";
import { piecesOf, readSets, realsHere, setSigns } from "./sets.ts";
import { intersect, unite } from "../value/pieces.ts";
import { isWrapped, split, trim, type Part } from "./split.ts";
import { isNoSolution } from "./words.ts";

const maxNesting = 8;

/** Every way in which tokens can be read that the policy allows, the likeliest first. */
export function readings(tokens: readonly Token[], policy: Policy, steps: Steps): Answer[] {
  const ways = commaReadings(tokens);
  return (policy.readings === "all" ? ways : ways.slice(0, 1)).map((commas) =>
    new AnswerReader(policy, steps).read(joinNumbers(tokens, commas)),
  );
}

class AnswerReader {
  readonly #policy: Policy;
  readonly #steps: Steps;
  #nesting = 0;

  constructor(policy: Policy, steps: Steps) {
    this.#policy = policy;
    this.#steps = steps;
  }

  read(tokens: readonly Token[]): Answer {
    try {
      return this.#one(withoutLabel(trim(tokens)));
    } catch (error) {
      if (error instanceof Unreadable) return words;
      throw error;
    }
  }

  /** One answer in itself. Throws `Unreadable`. */
  readonly #one = (given: readonly Token[]): Answer => {
    if (this.#nesting >= maxNesting) throw new Unreadable("nested too deep");
    this.#nesting += 1;
    const answer = this.#structure(trim(given));
    this.#nesting -= 1;
    return answer;
  };

  #structure(tokens: readonly Token[]): Answer {
    this.#steps.take(1 + tokens.length);
    if (tokens.length === 0) throw new Unreadable("nothing");
    const matrix = readMatrix(tokens, this.#steps);
    if (matrix !== undefined) return matrix;
    const semicolons = split(tokens, (token) => isSymbol(token, ";"));
    if (semicolons.length > 1) return this.#list(semicolons);
    const commas = split(tokens, (token, index) => isSeparator(token, tokens[index - 1]));
    if (commas.length > 1) return this.#list(commas);
    if (hasBothSigns(tokens)) return this.#bothSigns(tokens);
    const sides = split(tokens, isRelation);
    if (sides.length > 1) return readRelation(sides, { read: this.#one, steps: this.#steps, policy: this.#policy });
    return this.#withoutRelation(tokens);
  }

  #withoutRelation(tokens: readonly Token[]): Answer {
    const sets = split(tokens, (token) => isSymbol(token, ...setSigns));
    if (sets.length > 1) return readSets(sets, this.#one, this.#steps);
    const [only] = tokens;
    if (tokens.length === 1 && isSymbol(only, "∅")) return emptyList;
    const reals = realsHere(tokens);
    if (reals !== undefined) return reals;
    if (this.#policy.words === "loose") {
      if (isNoSolution(tokens)) return emptyList;
      const number =
        only?.kind === "text" || only?.kind === "letters"
          ? numberWord(tokens.map(({ text }) => text).join(" "))
          : undefined;
      if (number !== undefined) return { kind: "scalar", expression: number, unit: undefined };
    }
    const bracketed = isWrapped(tokens) ? this.#bracketed(tokens) : undefined;
    return bracketed ?? this.#ratio(tokens) ?? readBased(tokens) ?? readScalar(tokens, this.#steps);
  }

  /** A set, a tuple or an interval; undefined for brackets that only group. */
  #bracketed(tokens: readonly Token[]): Answer | undefined {
    const [open, close] = [tokens[0]?.text, tokens.at(-1)?.text];
    const inner = tokens.slice(1, -1);
    if (open === "⦃") {
      if (inner.length === 0) return emptyList;
      // `{x | x > 2}` is its condition.
      const [, condition] = split(inner, (token) => isSymbol(token, "|", ":") || isCommand(token, "mid"));
      if (condition !== undefined && condition.tokens.some(isRelation)) return this.#one(condition.tokens);
      const read = this.#one(inner);
      return read.kind === "list" && !read.braces
        ? { ...read, braces: true }
        : { kind: "list", braces: true, items: [read] };
    }
    if ((open !== "(" && open !== "[") || (close !== ")" && close !== "]")) return undefined;
    const parts = split(inner, (token) => isSymbol(token, ",", ";"));
    if (parts.length < 2) return undefined;
    return { kind: "tuple", open, close, items: parts.map((part) => this.#one(part.tokens)) };
  }

  /** `a ± b` is two answers. */
  #bothSigns(tokens: readonly Token[]): List {
    const items = [this.#one(withSigns(tokens, "upper")), this.#one(withSigns(tokens, "lower"))];
    return { kind: "list", braces: false, items };
  }

  #list(parts: readonly Part[]): Answer {
    const kept = parts.filter(({ tokens }) => trim(tokens).length > 0);
    const items = kept.flatMap(({ tokens }) => {
      const item = this.#one(tokens);
      // `0, ±2` are three.
      return item.kind === "list" && !item.braces && hasBothSigns(tokens) ? item.items : [item];
    });
    const [first] = items;
    if (items.length === 1 && first !== undefined) return first;
    return this.#inequalities(items, kept) ?? { kind: "list", braces: false, items };
  }

  /** `x < 1 or x > 3` is one region; undefined where not all are inequalities of one name. */
  #inequalities(items: readonly Answer[], parts: readonly Part[]): Answer | undefined {
    const regions = items.map((item) => (item.kind === "region" ? piecesOf(item) : undefined));
    const [first, ...rest] = regions;
    if (first === undefined || rest.some((pieces) => pieces === undefined)) return undefined;
    const variables = new Set(items.map((item) => (item.kind === "region" ? item.variable : undefined)));
    const [variable] = variables;
    if (variables.size > 1) return undefined;
    const all = [first, ...rest].map((pieces) => pieces ?? []);
    const union = unite(all.flat(), this.#steps);
    const common = all.slice(1).reduce((a, b) => intersect(a, b, this.#steps), first);
    const words = new Set(parts.map(({ before }) => before?.text.trim().toLowerCase()));
    // A comma means whichever leaves something: `x > 1, x < 3` are both true, `x < 1, x > 3` never are.
    const both = words.has("and") || (!words.has("or") && common.length > 0);
    return { kind: "region", pieces: both ? common : union, variable };
  }

  #ratio(tokens: readonly Token[]): Ratio | undefined {
    const parts = split(tokens, (token) => isSymbol(token, ":"));
    if (parts.length < 2) return undefined;
    return { kind: "ratio", parts: parts.map((part) => readExpression(part.tokens, this.#steps)) };
  }
}
