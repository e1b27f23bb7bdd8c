import type { Steps } from "../steps.ts";
import { negated, type Expression } from "../value/expression.ts";
import { Cursor, Unreadable } from "./cursor.ts";
import { functionHere, readFunction } from "./function.ts";
import { readName } from "./name.ts";
import type { Reader } from "./reader.ts";
import { valueOf } from "./numbers.ts";
import { isCommand, isSymbol, type Token } from "./token.ts";
import { fractionOf, overOf, readFraction } from "./fraction.ts";

/** Reads tokens as one expression. Throws `Unreadable` where they are none. */
export function readExpression(tokens: readonly Token[], steps: Steps, depth = 0): Expression {
  const reader = new ExpressionReader(new Cursor(tokens, steps, depth));
  return overOf(tokens, reader) ?? reader.whole();
}

/** A recursive descent: sums of products of powers. Inside bars, a bar closes. */
class ExpressionReader implements Reader {
  readonly cursor: Cursor;
  #bars = 0;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
  }

  whole(): Expression {
    const expression = this.sum();
    if (this.cursor.next !== undefined) throw new Unreadable(`surplus ${this.cursor.next.text}`);
    return expression;
  }

  /** Tokens of a group, as an expression. */
  inner(tokens: readonly Token[]): Expression {
    return readExpression(tokens, this.cursor.steps, this.cursor.depth + 1);
  }

  sum(): Expression {
    return this.cursor.deeper(() => {
      const parts = [this.#signed()];
      for (;;) {
        if (this.cursor.accept("+")) parts.push(this.#signed());
        else if (this.cursor.accept("-")) parts.push(negated(this.#signed()));
        else return flat("sum", parts);
      }
    });
  }

  #signed(): Expression {
    let minus = false;
    for (;;) {
      if (this.cursor.accept("-")) minus = !minus;
      else if (!this.cursor.accept("+")) break;
    }
    const product = this.#product();
    return minus ? negated(product) : product;
  }

  #product(): Expression {
    const factors = [this.power()];
    for (;;) {
      if (this.cursor.accept("*")) factors.push(this.#signedPower());
      else if (this.cursor.accept("/")) factors.push({ op: "inverse", of: this.#signedPower() });
      else if (this.startsFactor()) factors.push(this.power());
      else return flat("product", factors);
    }
  }

  #signedPower(): Expression {
    return this.cursor.accept("-") ? negated(this.power()) : this.power();
  }

  /** Whether what comes next is multiplied without a sign. */
  startsFactor(): boolean {
    const { next, previous } = this.cursor;
    if (next === undefined || next.kind === "text") return false;
    // `1 2` is not 2.
    if (next.kind === "number") return previous?.kind !== "number";
    if (next.kind !== "symbol") return !isCommand(next, "over", "choose");
    return isSymbol(next, "(", "[", "{", "⌊", "⌈", "∞") || (isSymbol(next, "|") && this.#bars === 0);
  }

  power(): Expression {
    let base = this.#postfix(this.#primary());
    if (this.cursor.accept("^")) {
      base = { op: "power", base, exponent: this.cursor.deeper(() => this.exponent()) };
      base = this.#postfix(base);
    }
    return base;
  }

  exponent(): Expression {
    const group = this.cursor.group("{");
    if (group !== undefined) return this.inner(group);
    if (this.cursor.accept("-")) return negated(this.exponent());
    const primary = this.#primary();
    return this.cursor.accept("^")
      ? { op: "power", base: primary, exponent: this.cursor.deeper(() => this.exponent()) }
      : primary;
  }

  #postfix(of: Expression): Expression {
    let result = of;
    for (let count = 0; ; count += 1) {
      if (count > 4) throw new Unreadable("too many signs after a number");
      if (this.cursor.accept("!")) result = { op: "factorial", of: result };
      else if (this.cursor.accept("%")) result = { op: "percent", of: result };
      else if (this.cursor.accept("°") || this.#circle()) result = { op: "degree", of: result };
      else return result;
    }
  }

  /** `^\circ`, braced or not. */
  #circle(): boolean {
    const { cursor } = this;
    if (!isSymbol(cursor.next, "^")) return false;
    const isCircle = (token: Token | undefined): boolean => isCommand(token, "circ") || isSymbol(token, "°");
    const braced = isSymbol(cursor.ahead(1), "{") && isCircle(cursor.ahead(2)) && isSymbol(cursor.ahead(3), "}");
    if (!braced && !isCircle(cursor.ahead(1))) return false;
    cursor.skip(braced ? 4 : 2);
    return true;
  }

  #primary(): Expression {
    const { cursor } = this;
    const { next } = cursor;
    if (next === undefined) throw new Unreadable("the end");
    if (next.kind === "number") return this.#number();
    if (isCommand(next, "frac", "binom")) return readFraction(this);
    if (functionHere(cursor)) return readFunction(this);
    if (next.kind === "letters" || next.kind === "command") return readName(this);
    if (next.kind === "symbol") return this.#bracket();
    throw new Unreadable(`the word ${next.text}`);
  }

  #number(): Expression {
    const { cursor } = this;
    const token = cursor.take();
    const value = valueOf(token.text, cursor.steps);
    if (value === undefined) throw new Unreadable(`the number ${token.text.slice(0, 20)}`);
    const own: Expression = { op: "number", value };
    const part = value.d === 1n && /^\d+$/.test(token.text) ? fractionOf(cursor) : undefined;
    if (part === undefined) return own;
    // A mixed number: a proper fraction after a whole one is added, not multiplied.
    return { op: "sum", parts: [own, { op: "number", value: part }] };
  }

  #bracket(): Expression {
    const { cursor } = this;
    for (const open of ["(", "[", "{", "⌊", "⌈"]) {
      if (!isSymbol(cursor.next, open)) continue;
      if (open === "{") return this.inner(cursor.group("{") ?? []);
      cursor.take();
      const bars = this.#bars;
      this.#bars = 0;
      const of = this.sum();
      this.#bars = bars;
      cursor.expect({ "(": ")", "[": "]", "⌊": "⌋", "⌈": "⌉" }[open] ?? "");
      if (open === "⌊" || open === "⌈") return { op: "function", name: open === "⌊" ? "floor" : "ceil", of };
      return of;
    }
    if (cursor.accept("∞")) return { op: "constant", name: "infinity" };
    if (this.#bars === 0 && cursor.accept("|")) {
      this.#bars += 1;
      const of = this.sum();
      this.#bars -= 1;
      cursor.expect("|");
      return { op: "function", name: "abs", of };
    }
    throw new Unreadable(`the sign ${cursor.next?.text ?? ""}`);
  }
}

function flat(op: "sum" | "product", parts: readonly Expression[]): Expression {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : { op, parts };
}
