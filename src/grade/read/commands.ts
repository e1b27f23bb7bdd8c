/** Commands that are a sign. */
export const signs: Readonly<Record<string, string>> = {
  times: "*",
  cdot: "*",
  ast: "*",
  star: "*",
  bullet: "*",
  div: "/",
  slash: "/",
  lt: "<",
  gt: ">",
  le: "≤",
  leq: "≤",
  leqslant: "≤",
  leqq: "≤",
  ge: "≥",
  geq: "≥",
  geqslant: "≥",
  geqq: "≥",
  ne: "≠",
  neq: "≠",
  approx: "≈",
  simeq: "≈",
  doteq: "≈",
  in: "∈",
  cup: "∪",
  bigcup: "∪",
  cap: "∩",
  setminus: "∖",
  smallsetminus: "∖",
  backslash: "∖",
  emptyset: "∅",
  varnothing: "∅",
  pm: "±",
  mp: "∓",
  infty: "∞",
  degree: "°",
  degrees: "°",
  lbrace: "⦃",
  rbrace: "⦄",
  "{": "⦃",
  "}": "⦄",
  lbrack: "[",
  rbrack: "]",
  langle: "(",
  rangle: ")",
  lparen: "(",
  rparen: ")",
  lfloor: "⌊",
  rfloor: "⌋",
  lceil: "⌈",
  rceil: "⌉",
  vert: "|",
  lvert: "|",
  rvert: "|",
  Vert: "|",
  lVert: "|",
  rVert: "|",
  "|": "|",
  "%": "%",
  $: "$",
  pounds: "£",
  euro: "€",
  colon: ":",
  prime: "'",
  "\\": "¶",
  newline: "¶",
  cr: "¶",
};

/** Other names of a command. */
export const aliases: Readonly<Record<string, string>> = {
  dfrac: "frac",
  tfrac: "frac",
  cfrac: "frac",
  dbinom: "binom",
  tbinom: "binom",
  varepsilon: "epsilon",
  vartheta: "theta",
  varphi: "phi",
  varrho: "rho",
  varsigma: "sigma",
  lg: "lg",
  tg: "tan",
  ctg: "cot",
  arctg: "arctan",
  asin: "arcsin",
  acos: "arccos",
  atan: "arctan",
  log: "log",
  cosec: "csc",
  R: "reals",
  reals: "reals",
  dots: "ldots",
  cdots: "ldots",
  vdots: "ldots",
  dotsc: "ldots",
};

/** Commands that only change how something looks; what they are applied to stays. */
export const looks: ReadonlySet<string> = new Set(
  [
    "mathbf mathit boldsymbol bm pmb mathcal mathfrak mathscr mathsf mathtt mathnormal displaystyle textstyle",
    "scriptstyle scriptscriptstyle limits nolimits left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl",
    "biggr Biggl Biggr boxed fbox framebox underline rm bf it bfseries tiny small normalsize large Large LARGE huge",
    "Huge mathrel mathbin mathop mathord ensuremath # _ & nobreak relax /",
  ]
    .join(" ")
    .split(" "),
);

/** Commands whose argument does not count. */
export const withArgument: ReadonlySet<string> = new Set(
  "color textcolor hspace vspace phantom hphantom vphantom label tag colorbox".split(" "),
);

/** White space, and what only delimits mathematics. */
export const spaces: ReadonlySet<string> = new Set([
  ..."( ) [ ] , ; : > quad qquad thinspace medspace thickspace enspace space hfill".split(" "),
  " ",
  "\n",
  "\t",
]);

/** Commands that set words. */
export const words: ReadonlySet<string> = new Set(
  "text textbf textit textrm textsf texttt textnormal textup textsc mbox hbox mathrm operatorname emph".split(" "),
);

/** Commands that mean nothing that can be compared but as text. */
export const unreadable: ReadonlySet<string> = new Set(
  [
    "int iint iiint oint sum prod lim limsup liminf to rightarrow Rightarrow ldots mapsto forall exists mid",
    "parallel perp equiv pmod bmod mod implies iff land lor quad max min gcd lcm det sim cong propto subset",
    "subseteq notin therefore because",
  ]
    .join(" ")
    .split(" "),
);
