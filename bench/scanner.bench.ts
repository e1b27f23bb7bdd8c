import { TextScanner, literalProgram, scanProgram, type ScanProgram } from "../src/core/scanner/text-scanner.ts";
import { alternate, report } from "./measure.ts";

const megabytes = 8;
const words = "the sum of both is seventeen, and therefore the next term must be even; ";
const plain = words.repeat(Math.ceil((megabytes * 1e6) / words.length)).slice(0, megabytes * 1e6);
const hostile = "<Out<Outl</Thr<".repeat((megabytes * 1e6) / 15);
// One beginning of a plan item after the other, each followed by as much white space as is looked at.
const spaces = `<Outline>${" ".repeat(250)}`.repeat((megabytes * 1e6) / 259);

const markers = literalProgram(["<Outlines>", "</Outlines>", "</Thread>"]);
const several = literalProgram(["<Outlines>", "[SplitMask]", "=>"]);
const pattern = scanProgram(["<Outline>~{id:dotted}~:", "<FORK-{id:word}>{text}</FORK-{id}>"]);

function scan(program: ScanProgram, text: string, chunk: number): () => number {
  return () => {
    const scanner = new TextScanner(program);
    let events = 0;
    for (let at = 0; at < text.length; at += chunk) events += scanner.push(text.slice(at, at + chunk)).length;
    return events + scanner.finish().length;
  };
}

export async function scannerBench(): Promise<void> {
  const ms = await alternate(
    {
      "no markers in it, 64 KB chunks": scan(markers, plain, 65_536),
      "no markers in it, 4-character chunks": scan(markers, plain, 4),
      "markers that begin differently, 64 KB chunks": scan(several, plain, 65_536),
      "beginnings of markers only, 64 KB chunks": scan(markers, hostile, 65_536),
      "beginnings of markers only, 4-character chunks": scan(markers, hostile, 4),
      "plan items that fail late, 64 KB chunks": scan(pattern, spaces, 65_536),
      "plan items that fail late, 4-character chunks": scan(pattern, spaces, 4),
    },
    { rounds: 3, warmup: 1 },
  );
  for (const [name, time] of Object.entries(ms)) {
    const goal = name.startsWith("no markers in it, 64") ? "goal >= 100 MB/s" : "";
    report(`scanner: ${name}`, `${Math.round((megabytes / time) * 1000)} MB/s`, goal);
  }
  const half = await alternate(
    { half: scan(pattern, spaces.slice(0, spaces.length / 2), 4), whole: scan(pattern, spaces, 4) },
    { rounds: 3, warmup: 1 },
  );
  report(
    "scanner: twice the hostile text, times the time",
    ((half["whole"] ?? 0) / (half["half"] ?? 1)).toFixed(2),
    "2 is linear",
  );
}
