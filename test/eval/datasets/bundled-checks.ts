/** The answer of each bundled problem, computed anew: by search, simulation or counting where that is another way. */
type Check = () => number | string;

export const decomposesChecks: Readonly<Record<string, Check>> = {
  "three-products": () => sum([repeated(27, 34), repeated(45, 18), repeated(12, 63)]),
  "school-trip": () => sum([repeated(240, 3), repeated(8, 115), repeated(6, 115)]),
  "multiples-of-seven": () =>
    count([...range(1, 100), ...range(200, 300), ...range(400, 500)], (number) => number % 7 === 0),
  playground: () => cells(12, 9) + cells(7, 7) + cells(8, 15) / 2 + cells(5, 11),
  "four-boxes-of-coins": () => sum([repeated(5, 23), repeated(20, 17), repeated(10, 31), repeated(50, 9)]),
  "divisor-counts": () => sum([36, 48, 100].map((number) => divisors(number).length)),
  "three-remainders": () => sum([1234, 5678, 9012].map((number) => remainder(number, 11))),
  "primes-in-windows": () =>
    count([...range(10, 30), ...range(50, 70), ...range(90, 110)], (number) => divisors(number).length === 2),
  "digit-sum-cases": () => count(range(10, 99), (number) => [5, 9, 13].includes(digitSum(number))),
  "gcd-and-lcm": () => largestCommonDivisor(84, 126) + largestCommonDivisor(90, 135) + leastCommonMultiple(12, 18),
  "three-travellers": () => sum([minutesAt(18, 150), minutesAt(60, 45), minutesAt(5, 180)]),
  "three-percentages": () => sum([hundredths(240, 15), hundredths(160, 35), hundredths(450, 8)]),
  "letters-in-order": () => sum(["TREE", "BOOK", "LAMP"].map((word) => new Set(orders(lettersOf(word))).size)),
  "largest-product": () => Math.max(repeated(41, 23), repeated(33, 29), repeated(49, 19), repeated(35, 27)),
  committee: () => pairs(6).length * pairs(5).length * 4,
  "three-series": () =>
    sum(range(1, 10).map((n) => n ** 2)) +
    sum(range(1, 5).map((n) => n ** 3)) +
    sum(
      range(1, 1000)
        .filter((n) => n % 2 === 0)
        .slice(0, 20),
    ),
  "mean-of-classes": () => mean([...times(20, 70), ...times(30, 80), ...times(10, 64)]),
  "two-dice": () =>
    count(
      range(1, 6).flatMap((red) => range(1, 6).map((blue) => red + blue)),
      (total) => [4, 7, 10].includes(total),
    ),
  "three-equations": () =>
    search((a) => 3 * a + 7 === 40) + search((b) => 5 * b - 12 === 48) + search((c) => c / 4 + 3 === 9),
  "three-pipes": () => repeated(14, 35) + repeated(9, 70) + repeated(22, 15),
  "three-boxes": () => cells(6, 6) * 6 + cells(4, 5) * 9 + cells(3, 8) * 10,
  "three-shifts": () =>
    sum([minutesBetween("08:15", "12:40"), minutesBetween("13:05", "17:20"), minutesBetween("18:50", "21:35")]),
  "angles-of-polygons": () => triangles(5) * 180 + triangles(8) * 180 + (triangles(6) * 180) / 6,
  "digit-four-on-pages": () =>
    count(
      [...range(1, 50), ...range(140, 150), ...range(440, 449)].flatMap((n) => lettersOf(String(n))),
      (d) => d === "4",
    ),
  "fractions-of-numbers": () => (56 / 4) * 3 + (81 / 3) * 2 + (64 / 8) * 5,
  "two-bags": () => {
    const draws = lettersOf("rrrbb").flatMap((one) => lettersOf("rrrrb").map((other) => one === other));
    return inLowestTerms(count(draws, Boolean), draws.length);
  },
  "squares-in-a-grid": () => {
    const corners = range(1, 4).flatMap((size) =>
      range(0, 4 - size).flatMap((row) => range(0, 5 - size).map((column) => [size, row, column])),
    );
    return corners.length;
  },
  handshakes: () => sum([8, 11, 6].map((members) => pairs(members).length)),
  "four-powers": () => power(2, 9) + power(3, 5) + power(5, 4) - power(7, 3),
  "last-digits": () => sum([power(7, 10), power(3, 15), power(8, 9)].map((number) => Number(String(number).at(-1)))),
};

export const chainChecks: Readonly<Record<string, Check>> = {
  "number-machine": () => {
    let number = 7;
    number *= 6;
    number -= 9;
    number /= 3;
    return number ** 2;
  },
  "price-tag": () => {
    let cents = 200_00;
    for (const percent of [-25, -10, 20]) cents += (cents * percent) / 100;
    return cents / 100;
  },
  "savings-account": () => {
    let cents = 1000_00;
    for (const _ of range(1, 3)) cents += cents / 10;
    return cents / 100;
  },
  "triple-minus-one": () => iterate(2, 4, (term) => 3 * term - 1),
  "sum-of-the-last-two": () => {
    const terms = [3, 4];
    while (terms.length < 9) terms.push((terms.at(-1) ?? 0) + (terms.at(-2) ?? 0));
    return terms.at(-1) ?? 0;
  },
  "jar-of-sweets": () =>
    search((sweets) => {
      const left = sweets / 2 - 6;
      return left - left / 3 === 20;
    }),
  "train-and-fuel": () => {
    const metresEachMinute = 180_000 / 150;
    let metres = 0;
    for (const _ of range(1, 45)) metres += metresEachMinute;
    return (metres / 1000) * 3;
  },
  "remainder-of-remainder": () => remainder(5 * remainder(remainder(2000, 47) ** 2, 47), 47),
  "rectangle-to-square": () => {
    const other = search((side) => side * 8 === 96);
    return search((side) => 4 * side === 2 * (8 + other)) ** 2;
  },
  "halve-or-triple": () => {
    let changes = 0;
    for (let number = 13; number !== 1; changes += 1) number = number % 2 === 0 ? number / 2 : 3 * number + 1;
    return changes;
  },
  "four-ages": () =>
    search((dora) =>
      range(1, 50).some((emil) =>
        range(1, 50).some((finn) => finn === 12 - 3 && emil === 2 * finn && dora === emil + 4),
      ),
    ),
  "town-population": () => {
    let people = 5000;
    for (const percent of [20, -15, 10]) people += (people * percent) / 100;
    return people;
  },
  "digits-of-digits": () => digitSum(digitSum(power(2, 12)) ** 2),
  "subtract-and-repeat": () => largestCommonDivisor(1190, 748),
  "ones-in-binary": () =>
    power(
      3,
      count(lettersOf((45).toString(2)), (digit) => digit === "1"),
    ),
  "x-then-y-then-z": () => {
    const x = search((number) => 4 * number - 9 === 2 * number + 5);
    const y = x ** 2 - 3 * x;
    return search((z) => 3 * z === y + 2 * x);
  },
  "moving-clock": () => {
    const time = new Date("2000-01-01T09:40:00Z");
    for (const minutes of [135, -50, 205]) time.setUTCMinutes(time.getUTCMinutes() + minutes);
    return time.getUTCHours() * 60 + time.getUTCMinutes();
  },
  "robot-walk": () => {
    let [x, y, east, north] = [0, 0, 0, 1];
    for (const metres of [5, 3, 9, 7]) {
      [x, y] = [x + east * metres, y + north * metres];
      [east, north] = [north, -east];
    }
    return x ** 2 + y ** 2;
  },
  "diluted-juice": () => iterate(16, 3, (juice) => juice - 4 * (juice / 16)),
  "snail-in-a-well": () => {
    let [height, day] = [0, 1];
    for (; height + 5 < 17; day += 1) height += 5 - 2;
    return day;
  },
  "guess-my-number": () => search((number) => ((number + 8) * 5 - 15) / 2 === 50),
  "growing-culture": () => {
    const cells = iterate(150, 120 / 20, (number) => number + number);
    return cells - cells / 4;
  },
  "diagonal-of-a-box": () => search((length) => length ** 2 === 6 ** 2 + 8 ** 2 + 24 ** 2),
  "first-sum-over-200": () => {
    const n = search((number) => sum(range(1, number)) > 200);
    return (sum(range(1, n)) - 200) * n;
  },
  "market-barter": () => {
    const pears = (36 / 3) * 2;
    const plums = (pears / 4) * 5;
    return (plums / 6) * 8;
  },
  "building-walls": () => search((walls) => walls * (6 * 8) === 12 * (10 * 6)),
  "square-plus-one": () => iterate(2, 4, (number) => remainder(number ** 2 + 1, 17)),
  "folded-paper": () => {
    let sides = [32, 32];
    for (const _ of range(1, 4)) sides = [Math.max(...sides) / 2, Math.min(...sides)];
    return 2 * sum(sides);
  },
  "growing-savings": () => {
    let [savings, week] = [0, 5];
    for (const _ of range(1, 8)) {
      savings += week;
      week += 3;
    }
    return savings - savings / 2 - sum(times(4, 9));
  },
  "mean-after-mean": () => mean([mean([mean([14, 26]), 44]), 60]),
};

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

function lettersOf(text: string): string[] {
  return Array.from(text);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}

function times(many: number, number: number): number[] {
  return Array.from({ length: many }, () => number);
}

/** A product by addition. */
function repeated(number: number, many: number): number {
  return sum(times(many, number));
}

function power(base: number, exponent: number): number {
  return times(exponent, base).reduce((product, factor) => product * factor, 1);
}

function count<T>(items: readonly T[], holds: (item: T) => boolean): number {
  return items.filter(holds).length;
}

/** Unit squares of a rectangle, counted. */
function cells(width: number, height: number): number {
  return range(1, width).flatMap((x) => range(1, height).map((y) => [x, y])).length;
}

function divisors(number: number): number[] {
  return range(1, number).filter((candidate) => number % candidate === 0);
}

function remainder(number: number, divisor: number): number {
  let left = number;
  while (left >= divisor) left -= divisor;
  return left;
}

function digitSum(number: number): number {
  return sum(lettersOf(String(number)).map(Number));
}

function largestCommonDivisor(a: number, b: number): number {
  return Math.max(...divisors(a).filter((divisor) => b % divisor === 0));
}

function leastCommonMultiple(a: number, b: number): number {
  return search((number) => number > 0 && number % a === 0 && number % b === 0);
}

/** The least whole number that fits. */
function search(fits: (number: number) => boolean): number {
  const found = range(0, 100_000).find(fits);
  if (found === undefined) throw new Error("no number fits");
  return found;
}

function iterate(start: number, many: number, step: (number: number) => number): number {
  return range(1, many).reduce((number) => step(number), start);
}

/** Kilometres in so many minutes. */
function minutesAt(speed: number, minutes: number): number {
  return (speed * minutes) / 60;
}

function hundredths(number: number, percent: number): number {
  return repeated(number, percent) / 100;
}

function orders(letters: readonly string[]): string[] {
  if (letters.length <= 1) return [letters.join("")];
  return letters.flatMap((letter, index) => orders(letters.toSpliced(index, 1)).map((rest) => letter + rest));
}

function pairs(members: number): [number, number][] {
  return range(1, members).flatMap((one) => range(one + 1, members).map((other): [number, number] => [one, other]));
}

function minutesBetween(from: string, to: string): number {
  return (Date.parse(`2000-01-01T${to}:00Z`) - Date.parse(`2000-01-01T${from}:00Z`)) / 60_000;
}

/** Of a polygon, from one corner. */
function triangles(corners: number): number {
  return range(3, corners).length;
}

function inLowestTerms(numerator: number, denominator: number): string {
  const common = largestCommonDivisor(denominator, numerator);
  return `${numerator / common}/${denominator / common}`;
}
