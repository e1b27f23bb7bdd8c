import { describe, expect, it } from "vitest";
import { equal, type VerdictRule } from "../../src/grade/index.ts";

/** `a == b` or `a != b`, a line each. */
function cases(table: TemplateStringsArray): [a: string, sign: string, b: string][] {
  const lines = String.raw(table)
    .split("\n")
    .map((line) => line.trim());
  return lines.filter(Boolean).map((line) => {
    const [a = "", sign = "", b = ""] = line.split(/ (==|!=) /);
    return [a, sign, b];
  });
}

function holds(a: string, sign: string, b: string): void {
  const expected = sign === "==";
  expect(equal(a, b)).toMatchObject({ equal: expected });
  expect(equal(b, a)).toMatchObject({ equal: expected });
}

describe("numbers are compared by value:", () => {
  it.each(cases`
    1/2 == 2/4
    1.5e3 == 1500
    1e400 == 10^{400}
    3.0 \times 10^{8} == 300000000
    1 1/2 == 3/2
    7\frac{1}{2} == 7.5
    7\cdot\frac{1}{2} != 7.5
    0.\overline{9} == 1
    0.1\overline{6} == 1/6
    1/3 == 0.333333333333
    1/3 != 0.3333
    123456789012345 != 123456789012346
    1 != 1+10^{-30}
    2 != 1 2
    12 == --12
    10^-2 == 0.01
    -2^2 == -4
    (-2)^2 == 4
    2^3^2 == 512
    12/2/3 == 2
    12/(2/3) != 2
    2^{1009} != \frac{2}{3}
    900!/899! == 900
    (3!)! == 720
    6 != 3!!
    \lfloor 3.7\rfloor == 3
    \lceil -1.5\rceil == -1
    {5 \choose 2} == 10
    \frac{1}{0} != \frac{2}{0}
    1/2^{5000} != 1/3^{5000}
  `)("%s %s %s", holds);
});

describe("commas part thousands, decimals or elements:", () => {
  it.each(cases`
    1,234 == 1234
    1{,}000 == 1000
    1,234 == 234, 1
    100,200 == 200,100
    12 != 1,2
    (1,234) != 1234
    0,5 == 0.5
    1.000 != 1000
    1,000.5 == 1000.5
    1,2;3,4 == (1,2),(3,4)
  `)("%s %s %s", holds);
});

describe("irrational numbers are compared in doubles:", () => {
  it.each(cases`
    \sqrt2-\sqrt2 == 0
    e^{-100} != 0
    \sqrt{18} == 3\sqrt{2}
    \frac{\sqrt{6}-\sqrt{2}}{4} == \sin 15^\circ
    \sqrt[3]{-8} == -2
    (-8)^{1/3} != -2
    \frac{1+i}{\sqrt2} == e^{i\pi/4}
    3\mathrm{i} == 3i
    \log 100 == 2
    \log 100 == \ln 100
    \lg 100 == 2
    \cosh 0 == 1
    \sec 60^\circ == 2
    \pi != \frac{22}{7}
    10^{15}\sqrt2 - 10^{15}\sqrt2 != 5
    \arcsin 2 == \frac{\pi}{2} - i\ln(2+\sqrt3)
    cbrt(27) == 3
    2e == 5.436563656918090
    \infty == +\infty
    -\infty != \infty
    2\infty != \infty
  `)("%s %s %s", holds);
});

describe("functions keep their identities, also where they are complex:", () => {
  it.each(cases`
    \cot x == \frac{\cos x}{\sin x}
    \sec x == \frac{1}{\cos x}
    \csc x == \frac{1}{\sin x}
    \tan 2x == \frac{2\tan x}{1-\tan^2 x}
    \arctan x == \frac{\pi}{2}-\operatorname{arccot} x
    \sin(\arccos x) == \sqrt{1-x^2}
    \operatorname{arcsec} 2 == \frac{\pi}{3}
    \operatorname{arccsc} 2 == \frac{\pi}{6}
    \cos^{-1}(0) == \frac{\pi}{2}
    \sinh x == \frac{e^x-e^{-x}}{2}
    \cosh^2 x-\sinh^2 x == 1
    \tanh x == \frac{\sinh x}{\cosh x}
    \sin(ix) == i\sinh x
    \arctan(i/2) == \frac{i}{2}\ln 3
    \log_a b == \frac{\ln b}{\ln a}
    \sqrt[3]{x} == x^{1/3}
    \binom{n}{2} == \frac{n(n-1)}{2}
    (n+1)! == (n+1)n!
    (-\frac{5}{2})! == \frac{4\sqrt\pi}{3}
    (-1)^{1/2} == i
    \sin x != \cos x
    \sqrt{x} != x
    x! != x
    f(x,y) != f(y,x)
  `)("%s %s %s", holds);
});

describe("expressions are compared at points:", () => {
  it.each(cases`
    \frac{1}{2n} == 1/(2n)
    n(n+1)/2 == \frac{n^2+n}{2}
    \sqrt{x^2} == |x|
    \sqrt{x^2} == x
    |x| != x
    \ln(xy) == \ln x+\ln y
    e^{x+y} == e^xe^y
    sinx == \sin x
    sin(x)cos(x) == \sin x\cos x
    \cos^2\theta == 1-\sin^2\theta
    \lfloor\sqrt{n-1}\rfloor != \lfloor\frac{2 n-1}{5}\rfloor
    \lceil n/2\rceil+1 != 2
    f(x+1) != f(x)+f
    f(2x) == f(x+x)
    I(0) != 0
    \frac{dy}{dx} != \frac{y}{x}
    \frac{d^{2}y}{dt^{2}} == \frac{d^2 y}{d t^2}
    x_{1} == x_1
    x_1 != x_2
    y^{\prime} == y'
    \dot{x} != x
    \hat{x}_0 == \hat x_0
    2x != 2y
    n^2 != N^2
    0 == x-x
    1 == x/x
    (-1)^n != 1
    MR != RM+1
  `)("%s %s %s", holds);
});

describe("equations, names and functions:", () => {
  it.each(cases`
    x=5 == 5
    5=x == 5
    x=1 != y=1
    xy=1 != 1
    |AB|=1 == 1
    \angle A = 30^\circ == 30
    S_{1}:S=7:32 == 7:32
    (p,q)=(3,2) == (3,2)
    \text{Area}=5 == 5
    a+b=2+3=5 == 5
    x=10/3\approx3.33 == 10/3
    x^2+y^2=1 == y^2=1-x^2
    x^2+y^2=1 == 2x^2+2y^2=2
    x^2+y^2=1 != x^2+y^2=2
    y=x^2 == x^2=y
    f(n)=n == f(x)=x
    f(y)=x != f(x)=x
    f(t)=\binom{t}{2}+\log_2 t+\sqrt[3]{t}+g(t) == f(s)=\binom{s}{2}+\log_2 s+\sqrt[3]{s}+g(s)
    |x|=|y| == |y|=|x|
    (x-y)(x+y)=0 == x^2-y^2=0
    x-x+y=y != y=x
    f(x)=x != g(x)=x
    0 != 5x-7y+11z+4=0
    0=0 != 1=1
    x=2,y=3 == (2,3)
    y=3,x=2 == (2,3)
    a=3,b=2 != (2,3)
    a=4,-8 == -8,4
    \frac{1}{2}=0.5 == 1/2
    x=2+3=5 == 5
    \approx 3.5 == 7/2
    \sqrt{10}\approx 3.16 == \sqrt{10}
    x\approx 3.5 == 3.5
    x=1 \lor x=2 == 1,2
  `)("%s %s %s", holds);
});

describe("intervals and inequalities:", () => {
  it.each(cases`
    (1,2) == 1<x<2
    [1,2] == 2\ge x\ge 1
    (1,2) != (1,2]
    x\le 3 == (-\infty,3]
    x<1 \text{ or } x>3 == (-\infty,1)\cup(3,\infty)
    x>1 \text{ and } x<3 == (1,3)
    x<3,x>1 == (1,3)
    x<1,x>3 == (-\infty,1)\cup(3,\infty)
    x<1 \text{ and } x>3 == \emptyset
    x>1,y>2 != (1,2)
    [1,2]\cup[2,3] == [1,3]
    (1,2)\cup(2,3) != (1,3)
    [0,5]\cap(3,9) == (3,5]
    \mathbb{R}\setminus\{2\} == x\ne 2
    |x|<2 == (-2,2)
    1\le|z|\le 2 == [-2,-1]\cup[1,2]
    2x+1>5 == x>2
    -2x<4 == x>-2
    3-x \ge 1 == x \le 2
    k\ge n+1 == n+1\le k
    \{x \mid x>2\} == (2,\infty)
    x>2 != y>2
    x+y<3 == 2x+2y<6
    x+y<3 != x+y>3
    x+y<3 != x+y\le 3
    (\sqrt2,\pi) == (\frac{2}{\sqrt2},\pi)
    [a,b) == a\le x<b
    (2,1) != (1,2)
  `)("%s %s %s", holds);
});

describe("lists, sets and tuples:", () => {
  it.each(cases`
    1, 2 == 2 \text{ and } 1
    (1,2) != (2,1)
    (1,2) != \{1,2\}
    (1,2,3) == [1,2,3]
    \{(1,2),(3,4)\} == (3,4),(1,2)
    \emptyset == \{\}
    \emptyset != \{0\}
    \{5\} == 5
    [5] == 5
    \pm 2 == 2,-2
    \pm 2 != 2
    x=\pm 2 == \{2,-2\}
    1\pm 2 == 3,-1
    1\mp 2 == 3,-1
    (\pm1, 2) == (1,2),(-1,2)
    1,2,3 != 1,2
    (0;0;1) == (0,0,1)
    $1$, $2$ == 1,2
  `)("%s %s %s", holds);
});

describe("matrices:", () => {
  it.each(cases`
    \begin{pmatrix}1&2\\3&4\end{pmatrix} == [[1,2],[3,4]]
    \begin{pmatrix}1\\2\\\end{pmatrix} == (1,2)
    \begin{pmatrix}1&2\end{pmatrix} != (1,2)
    2\begin{pmatrix}1\\2\end{pmatrix} == \begin{bmatrix}2\\4\end{bmatrix}
    -\begin{pmatrix}1\\2\end{pmatrix} == \begin{pmatrix}-1\\-2\end{pmatrix}
    \left[\begin{array}{rr}1&2\\3&4\end{array}\right] == \begin{matrix}1&2\\3&4\end{matrix}
    \begin{vmatrix}1&2\\3&4\end{vmatrix} != \begin{pmatrix}1&2\\3&4\end{pmatrix}
  `)("%s %s %s", holds);
});

describe("units, money, percent, bases and ratios:", () => {
  it.each(cases`
    10\text{ m/s} == 36\text{ km/h}
    5\text{ m/s}^2 == 5
    5\,\mathrm{m\,s^{-2}} == 5\text{ m/s}^2
    5\,\mathrm{m\,s^{-1}} != 5\text{ m/s}^2
    5 \mathrm{~kg} \cdot \mathrm{m}/\mathrm{s}^2 == 5\,\mathrm{kg\,m\,s^{-2}}
    5\text{ square feet} == 5\text{ ft}^2
    3\text{ dollars per hour} == 3\text{ dollars}/\text{hour}
    \$1,000 == 1000 dollars
    50 cents == 0.50 dollars
    -\$5 == -5
    5 apples == 5
    5 apples != 5 oranges
    5 != 5m
    90^\circ == 90
    90^\circ == \frac{\pi}{2}
    \pi != 180
    \sin 90 != \sin 90^\circ
    50\% == 50
    50\% != 5
    1_2 == 1
    101_2 != 5
    52_{\text{eight}} == 52_8
    1:2:3 == 2:4:6
    1:2 != 2:1
    1:2 == 0.5
  `)("%s %s %s", holds);
});

describe("words:", () => {
  it.each(cases`
    Yes == yes
    yes != no
    A == (A)
    A != B
    \text{(C)} == (C) 12
    (C) 12 != (C) 13
    \text{an ellipse} == ellipse
    \text{cannot be determined} == cannot be determined
    \text{HHT} != \text{HTH}
    \text{no solution} == \emptyset
    \text{forty-two} == 42
    \text{Answer: }42 == 42
    \text{The area is }42 == 42
    11:30 a.m. != 11:30 p.m.
    \overline{AB} != \overline{CD}
    C != c
  `)("%s %s %s", holds);
});

describe("an answer that says two things is not one of them:", () => {
  it.each(cases`
    42 != 42 \text{ or } 43
    42 != 42\text{ or 43}
    42 != 42\text{ (or maybe 43)}
    42 != 42, 43
    42 != \{42, 43\}
    42 != [42, 43]
    42 != 42 \text{ but not } 43
    A != \text{(A) or (B)}
    A != (A) \text{ or } (B)
    A != (A) B
    42 != x = 42 = 43
    42 != 41 \approx 42
    42 != 42 \text{ since six times seven is what it says}
  `)("%s %s %s", holds);
});

describe("TeX is read however it is set:", () => {
  it.each(cases`
    \displaystyle\tfrac12 == 0.5
    \frac 34 == 0.75
    \frac9{18} == \frac12
    \color{red}{42} == 42
    \textbf{42} == 42
    \mathbf{x} == x
    \left(x\right) == x
    {{42}} == 42
    \boxed{6} == 6
    $6$ == 6
    \(6\) == 6
    **6** == 6
    6. == 6
    \\frac{1}{2} == 0.5
    \operatorname{sin} x == \sin x
    \sqrt2 == 2^{½}
    x² == x^2
    6×10²³ == 6e23
    10⁻² == 0.01
    x₁₂ == x_{12}
    2·3 == 6
    \sum_{k=1}^n k == \sum_{k=1}^{n}k
    \sum_{k=1}^n k != \frac{n(n+1)}{2}
  `)("%s %s %s", holds);
});

describe("a verdict says what decided it", () => {
  it.each<[string, string, VerdictRule]>([
    ["1/2", "1/2", "same"],
    ["", "1", "nothing"],
    ["1/2", "0.5", "exact"],
    [String.raw`\sqrt4+\pi`, String.raw`2+\pi`, "numeric"],
    ["x+x", "2x", "symbolic"],
    [String.raw`50\%`, "50", "percent"],
    [String.raw`1\text{ m}`, String.raw`100\text{ cm}`, "unit"],
    ["12_3", "12_4", "base"],
    ["1:2", "2:4", "ratio"],
    [String.raw`\infty`, "1", "infinity"],
    ["x+y=1", "y+x=1", "equation"],
    ["x+y<1", "y+x<1", "inequality"],
    ["x>1", String.raw`(1,\infty)`, "interval"],
    ["1,2", "2,1", "list"],
    ["(1,2)", "(2,1)", "tuple"],
    [String.raw`\begin{pmatrix}1\end{pmatrix}`, String.raw`\begin{pmatrix}2\end{pmatrix}`, "matrix"],
    ["f(a)=a", "f(b)=b", "function"],
    ["x=1", "y=1", "name"],
    [String.raw`\text{East}`, "east", "words"],
    ["xy=1", "1", "kind"],
    [String.raw`\int x dx`, "1", "unreadable"],
    [String.raw`\frac{1}{0}`, "1", "undecided"],
    ["1".repeat(10_001), "1", "too-long"],
  ])("%s and %s: by %3$s", (a, b, rule) => {
    expect(equal(a, b).rule).toBe(rule);
  });

  it("and nothing else", () => {
    expect(equal("1", "1.0")).toEqual({ equal: true, rule: "exact" });
  });
});
