/** Uniform numbers from 0 to below 1, as `Math.random` gives them. */
export type Random = () => number;

/**
 * The same seed gives the same numbers on every machine: xoshiro128** by Blackman and Vigna (2018), its four words filled
 * by splitmix32. 32 bits a number.
 */
export function seededRandom(seed: number): Random {
  let counter = seed | 0;
  const split = (): number => {
    counter = (counter + 0x9e3779b9) | 0;
    let word = counter;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return word ^ (word >>> 16);
  };
  let [a, b, c, d] = [split(), split(), split(), split()];
  return () => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return scrambled / 2 ** 32;
  };
}

/** One of `0` to `count - 1`. */
export function drawIndex(random: Random, count: number): number {
  return Math.floor(random() * count);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
