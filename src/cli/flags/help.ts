import { commands, program } from "./commands.ts";
import type { Command, Flag } from "./flag.ts";

const width = 80;

/** The help of one command. */
export function commandHelp(command: Command): string {
  return `${heading(command)}\nOptions:\n${options(command)}`;
}

export function programHelp(): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => row(name, summary, 11));
  const examples = ["demo", 'run "Q: 64*27+14*89"', "run - --engine http://127.0.0.1:8000/v1 --json < prompt.txt"];
  return (
    `${heading(program)}\nCommands:\n${rows.join("")}\nOptions:\n${options(program)}\n` +
    `Examples:\n${examples.map((example) => `  threadweaver ${example}\n`).join("")}`
  );
}

function heading({ usage, summary }: Command): string {
  const ways = usage.map((way, index) => `${index === 0 ? "Usage: " : "       "}threadweaver ${way}\n`);
  return `${ways.join("")}\n${wrap(summary, width).join("\n")}\n`;
}

function options({ flags }: Command): string {
  return Object.entries(flags)
    .map(([name, flag]) => row(names(name, flag), `${flag.help}${defaultOf(flag)}`, 28))
    .join("");
}

function names(name: string, { short, value }: Flag): string {
  return `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

function defaultOf({ schema }: Flag): string {
  const { data } = schema.safeParse(undefined);
  return typeof data === "string" || typeof data === "number" ? ` (default: ${data})` : "";
}

/** A term and what it means, wrapped beside it. */
function row(term: string, meaning: string, column: number): string {
  const lines = wrap(meaning, width - column - 2);
  // A term that reaches into the second column has a line of its own.
  const first = term.length < column ? `${term.padEnd(column)}${lines.shift()}` : term;
  const indent = " ".repeat(column + 2);
  return [`  ${first}`, ...lines.map((line) => indent + line)].join("\n") + "\n";
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
