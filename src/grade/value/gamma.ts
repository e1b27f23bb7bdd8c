import { add, complex, exp, inverse, log, multiply, negative, power, size, type Complex } from "./complex.ts";
import { functions } from "./functions.ts";

const g = 7;
// Lanczos' approximation for g = 7 with nine terms: good to some fifteen digits.
const coefficients = [
  0.999_999_999_999_809_9, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_1,
  -176.615_029_162_140_6, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6,
  1.505_632_735_149_311_6e-7,
];

/** `a!`, also between the whole numbers: identities of factorials hold there as well. */
export function factorial(a: Complex): Complex {
  if (a.re < -0.5) {
    // Reflection: a! (-a)! = pi a / sin(pi a).
    const turned = multiply(complex(Math.PI), a);
    const sine = functions["sin"]?.(turned) ?? complex(Number.NaN);
    return multiply(multiply(turned, inverse(sine)), inverse(factorial(negative(a))));
  }
  let sum = complex(coefficients[0] ?? 0);
  for (const [index, coefficient] of coefficients.entries()) {
    if (index > 0) sum = add(sum, multiply(complex(coefficient), inverse(add(a, complex(index)))));
  }
  const base = add(a, complex(g + 0.5));
  const grown = multiply(power(base, add(a, complex(0.5))), exp(negative(base)));
  const result = multiply(multiply(complex(Math.sqrt(2 * Math.PI)), grown), sum);
  // The approximation is less exact than its arithmetic.
  return { ...result, error: result.error + size(result) * (2e-14 + a.error * (1 + size(log(base)))) };
}

export function binomial(n: Complex, k: Complex): Complex {
  return multiply(factorial(n), inverse(multiply(factorial(k), factorial(add(n, negative(k))))));
}
