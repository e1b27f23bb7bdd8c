/** What stands in a trajectory and is not of the source. */
export interface Insertion {
  readonly kind: "structure" | "outline" | "summary";
  /** Where it stands in the trajectory, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** What of the source it stands for: the line feed between two lines, or nothing. */
  readonly instead: "" | "\n";
}

/** A finished text of a format that was made of a sequential trace. */
export interface AssembledText {
  /** The name of its format. */
  readonly dialect: string;
  readonly text: string;
  /** In the order of the text. All between them is the source, with the changes of the ledger. */
  readonly insertions: readonly Insertion[];
}

/** Writes a text, and keeps account of what is not of the source. */
export class TextWriter {
  text = "";
  readonly insertions: Insertion[] = [];

  source(text: string): void {
    this.text += text;
  }

  insert(kind: Insertion["kind"], text: string, instead: Insertion["instead"] = ""): void {
    if (text === "" && instead === "") return;
    const start = this.text.length;
    this.text += text;
    this.insertions.push({ kind, start, end: this.text.length, instead });
  }
}
