const lineFeed = 0x0a;
const quote = 0x22;
const backslash = 0x5c;
const point = 0x2e;
const zero = 0x30;

/** A whole number below this is written digit by digit, exactly. */
const mostDigits = 1e15;

/**
 * Lines as bytes. A string for each line, joined with the others and encoded at last, costs several times as much
 * processor time, and the most for the garbage collector: thousands of runs may have lines that wait.
 */
export class LineBytes {
  #bytes: Buffer;
  #length = 0;

  constructor(bytes = 256) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  get length(): number {
    return this.#length;
  }

  /** What has been written. The next bytes go into another buffer. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    // As much as came this time is likely to come again.
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(2 ** 16, Math.max(256, this.#length)));
    this.#length = 0;
    return taken;
  }

  /** Drops what has been written since it had this length. */
  backTo(length: number): void {
    this.#length = length;
  }

  endLine(): void {
    this.byte(lineFeed);
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  /** Text of ASCII characters, as it stands. */
  ascii(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < text.length; i += 1) bytes[at++] = text.charCodeAt(i);
    this.#length = at;
  }

  /** Text as it stands. */
  utf8(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** A text as JSON. Most are short and plain. */
  json(text: string): void {
    this.#reserve(text.length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = quote;
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      if (unit < 0x20 || unit > 0x7e || unit === quote || unit === backslash) {
        this.utf8(JSON.stringify(text));
        return;
      }
      bytes[at++] = unit;
    }
    bytes[at++] = quote;
    this.#length = at;
  }

  /** A number as JSON, so that reading it gives exactly this one. */
  number(n: number): void {
    if (Number.isInteger(n) && n >= 0 && n < mostDigits && !Object.is(n, -0)) this.#digits(n);
    else this.ascii(numberText(n));
  }

  /** A time in milliseconds, which is a whole number of thousandths. */
  time(ms: number): void {
    const thousandths = Math.round(ms * 1000);
    // Where this holds, the decimal number below is read as exactly `ms`.
    if (!(thousandths >= 0 && thousandths < mostDigits && thousandths / 1000 === ms) || Object.is(ms, -0)) {
      this.number(ms);
      return;
    }
    const whole = Math.floor(thousandths / 1000);
    let rest = thousandths - whole * 1000;
    this.#digits(whole);
    if (rest === 0) return;
    this.#reserve(4);
    this.#bytes[this.#length++] = point;
    for (let unit = 100; rest > 0; unit = unit === 100 ? 10 : 1) {
      const digit = Math.floor(rest / unit);
      this.#bytes[this.#length++] = zero + digit;
      rest -= digit * unit;
    }
  }

  #digits(n: number): void {
    this.#reserve(16);
    let count = 1;
    for (let most = 10; n >= most; most *= 10) count += 1;
    const bytes = this.#bytes;
    let rest = n;
    for (let at = this.#length + count - 1; at >= this.#length; at -= 1) {
      const tenth = Math.floor(rest / 10);
      bytes[at] = zero + (rest - tenth * 10);
      rest = tenth;
    }
    this.#length += count;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + count));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** Log-probabilities can be infinite, which JSON cannot say, and `-0` is not `0`. */
function numberText(n: number): string {
  if (n === 0) return "-0";
  return Number.isFinite(n) ? `${n}` : `"${n}"`;
}
