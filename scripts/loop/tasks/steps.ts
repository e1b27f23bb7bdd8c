/** One piece of work, and what must be known before it. */
export interface Step {
  /** Counts the steps of its task from 0. */
  readonly id: number;
  /** The steps whose results it uses. */
  readonly needs: readonly number[];
  /** What is worked out, such as `64*27`. */
  readonly title: string;
  /** All that is written for it, without a line feed at the end. */
  readonly text: string;
  readonly value: number;
}

/** A product of two numbers of two digits, by one digit of the second after the other: the small model's own way. */
export function product(id: number, a: number, b: number, needs: readonly number[] = []): Step {
  const [left, right] = [digits(a, 2), digits(b, 2)];
  const title = `${left}*${right}`;
  const [ones, tens] = [right[1] ?? "", right[0] ?? ""].map((digit) => timesDigit(left, digit));
  const sum = column(digits(a * Number(right[1]), 4), digits(a * Number(right[0]) * 10, 4));
  return { id, needs, title, text: `${title}\n${ones}\n${tens}\n${sum}`, value: a * b };
}

/** A sum of two numbers of up to five digits, column by column. */
export function sum(id: number, a: Step, b: Step): Step {
  const [left, right] = [digits(a.value, 5), digits(b.value, 5)];
  const needs = [a.id, b.id];
  return { id, needs, title: `${left}+${right}`, text: column(left, right), value: a.value + b.value };
}

/** Tokens on the longest chain of steps, and of all: the speed-up that the graph allows is the second by the first. */
export function costs(steps: readonly Step[]): { path: number; total: number } {
  const ends: number[] = [];
  let total = 0;
  for (const { id, needs, text } of steps) {
    // In the small model's vocabulary a character is a token; a line feed ends each step.
    const own = text.length + 1;
    total += own;
    ends[id] = own + Math.max(0, ...needs.map((need) => ends[need] ?? 0));
  }
  return { path: Math.max(0, ...ends), total };
}

function timesDigit(number: string, digit: string): string {
  let carry = 0;
  const parts = number
    .split("")
    .toReversed()
    .map((own) => {
      const value = Number(own) * Number(digit) + carry;
      const part = `${own}*${digit}+${carry}=${digits(value, 2)}`;
      carry = Math.floor(value / 10);
      return part;
    });
  return `${number}*${digit}: ${parts.join(" ")} ${digits(Number(number) * Number(digit), 3)}`;
}

function column(left: string, right: string): string {
  let carry = 0;
  const parts = left
    .split("")
    .toReversed()
    .map((own, i) => {
      const other = right[right.length - 1 - i] ?? "0";
      const value = Number(own) + Number(other) + carry;
      const part = `${own}+${other}+${carry}=${digits(value, 2)}`;
      carry = Math.floor(value / 10);
      return part;
    });
  return `${left}+${right}: ${parts.join(" ")} ${digits(Number(left) + Number(right), left.length)}`;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, "0");
}
