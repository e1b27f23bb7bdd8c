import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningServer } from "../servers/start.ts";
import { LoopClock } from "./clock.ts";
import { threadweaver, training } from "./commands.ts";
import { problemsOf, tasksOf, textsOf, writeLines, type LoopTasks } from "./data.ts";
import { base, startTrainee } from "./serve.ts";
import type { Size } from "./sizes.ts";

export interface LoopSetup {
  /** The folder for all that it makes. */
  readonly out: string;
  readonly size: Size;
  readonly seed: number;
  /** That of the environment for training. */
  readonly python: string;
  readonly apiKey: string;
}

/** One loop in its folder. Each thing that it makes is there as a whole or not at all, and is not made twice. */
export class Loop {
  readonly tasks: LoopTasks;
  readonly #setup: LoopSetup;
  readonly #clock: LoopClock;
  /** The checkpoint that the server has. */
  #loaded: { checkpoint: string; version: string } | undefined;

  constructor(setup: LoopSetup) {
    this.#setup = setup;
    this.tasks = tasksOf(setup.size, setup.seed);
    this.#clock = new LoopClock(join(setup.out, "times.jsonl"));
  }

  /** @param settings what the folder must go on with. */
  begin(settings: string): void {
    writeFileSync(this.#at("settings.json"), settings);
  }

  async run(): Promise<void> {
    const { size, apiKey } = this.#setup;
    await this.#data();
    const taught = this.#at("sft");
    // The server takes a minute to start, and so does the first training.
    const [started, sft] = await Promise.allSettled([
      this.#clock.time("server", "vLLM is ready", () => startTrainee(this.#at("served"), apiKey)),
      this.#sft(taught),
    ]);
    if (started.status === "rejected") throw started.reason;
    await using server = started.value;
    if (sft.status === "rejected") throw sft.reason;
    await this.#evaluate(server, taught, "before");
    const began = performance.now();
    let last = taught;
    let done = 0;
    for (let step = 1; step <= size.rl.steps; step += 1) {
      const checkpoint = join(this.#step(step), "checkpoint");
      if (!existsSync(checkpoint)) {
        // oxlint-disable-next-line no-await-in-loop -- each step begins with the weights of the one before it
        await this.#reinforce(server, last, step);
        done += 1;
        this.#clock.left(began, done, size.rl.steps - step);
      }
      last = checkpoint;
    }
    await this.#evaluate(server, last, "after");
  }

  async #data(): Promise<void> {
    const rows = this.#at("sft-rows.jsonl");
    if (existsSync(rows)) return;
    await this.#clock.time("data", "finished texts as rows", async () => {
      const { taught, evaluated } = this.tasks;
      writeLines(this.#at("texts.jsonl"), textsOf(taught, this.#setup.seed));
      writeLines(this.#at("evaluated.jsonl"), problemsOf(evaluated));
      const format = ["--format", "sft", "--dialect", "threadweaver", "--tokenizer", base];
      await threadweaver(["data", "export", this.#at("texts.jsonl"), ...format, "--output", rows]);
    });
  }

  async #sft(checkpoint: string): Promise<void> {
    if (existsSync(checkpoint)) return;
    const { size, seed, python } = this.#setup;
    const { steps, lr, stepTokens } = size.sft;
    const how = { steps, lr, seed, "step-tokens": stepTokens, metrics: this.#at("sft-metrics.jsonl") };
    const files = { model: base, rows: this.#at("sft-rows.jsonl"), out: checkpoint };
    await this.#clock.time("sft", `${steps} steps of supervised training`, () =>
      training(python, ["sft", ...flagsOf({ ...files, ...how })]),
    );
  }

  async #reinforce(server: RunningServer, before: string, step: number): Promise<void> {
    const { size, seed, python } = this.#setup;
    const { problems, group, lr } = size.rl;
    const folder = this.#step(step);
    const version = await this.#reload(server, before);
    writeLines(join(folder, "problems.jsonl"), problemsOf(this.tasks.steps[step - 1] ?? []));
    const sampled = {
      input: join(folder, "problems.jsonl"),
      out: folder,
      "weight-version": version,
      seed: seed + step,
    };
    const summary = await this.#clock.time("rollouts", `step ${step}: ${problems * group} rollouts`, () =>
      this.#client(server, ["rollout", ...flagsOf({ ...sampled, group }), "--json", "--resume", ...rolloutFlags]),
    );
    const files = { model: before, rows: join(folder, "rows.jsonl"), out: join(folder, "checkpoint") };
    const numbers = await this.#clock.time("p-grpo", `step ${step}: P-GRPO`, () =>
      training(python, ["pgrpo", ...flagsOf({ ...files, lr, step })]),
    );
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- they are what our own commands print
    const line = { ...(JSON.parse(numbers) as object), sampled: JSON.parse(summary) as object };
    writeFileSync(join(folder, "numbers.json"), JSON.stringify(line));
    console.log(numbers.trim());
  }

  async #evaluate(server: RunningServer, checkpoint: string, name: "before" | "after"): Promise<void> {
    const folder = this.#at(`evaluation-${name}`);
    if (existsSync(folder)) return;
    await this.#reload(server, checkpoint);
    const partial = `${folder}.partial`;
    // Other weights may have answered before: an evaluation is made in one go.
    rmSync(partial, { recursive: true, force: true });
    const what = { dataset: "tasks", path: this.#at("evaluated.jsonl"), out: partial, seed: this.#setup.seed };
    const how = {
      columns: "id=id,question=question,answer=answer",
      temperature: 0,
      "token-limit": 2000,
      concurrency: 4,
    };
    const template = ["--raw", "--template", "Q: {question}\n", "--arms", "sequential,fork-join"];
    await this.#clock.time("evaluation", `evaluation ${name}`, () =>
      this.#client(server, ["eval", ...flagsOf({ ...what, ...how }), ...template]),
    );
    renameSync(partial, folder);
  }

  /** The name of the weights. The trainer checks that the server answers as they do. */
  async #reload(server: RunningServer, checkpoint: string): Promise<string> {
    if (this.#loaded?.checkpoint === checkpoint) return this.#loaded.version;
    const { python, apiKey } = this.#setup;
    const files = { model: checkpoint, served: this.#at("served"), url: server.url };
    const said = await this.#clock.time("reload", `weights of ${checkpoint} into the server`, () =>
      training(python, ["reload", ...flagsOf(files)], apiKey),
    );
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is what our own command prints
    const { weight_version: version } = JSON.parse(said) as { weight_version: string };
    this.#loaded = { checkpoint, version };
    return version;
  }

  #client(server: RunningServer, args: readonly string[]): Promise<string> {
    const engine = ["--engine", `${server.url}/v1`, "--dialect", "threadweaver", "--context-tokens", "2048"];
    return threadweaver([...args, ...engine], this.#setup.apiKey);
  }

  #at(name: string): string {
    return join(this.#setup.out, name);
  }

  #step(step: number): string {
    return this.#at(join("steps", String(step).padStart(4, "0")));
  }
}

/** A model that is not sure when to stop must not take the evening for it. */
const rolloutFlags = ["--max-tokens", "1600", "--concurrency", "16", "--answer", "lastBox"];

function flagsOf(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, `${value}`]);
}
