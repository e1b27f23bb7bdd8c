import type { PolicyName } from "../../grade/index.ts";
import type { Columns } from "./columns.ts";

/** A benchmark that can be loaded by its name. Its texts are not in this package. */
export interface NamedDataset {
  readonly title: string;
  /** How many problems there are. A release may have another count. */
  readonly size: number;
  /** Of the releases in use; the first one whose columns a file has is taken. */
  readonly columns: readonly Columns[];
  /** How its answers are compared (`threadweaver/grade`). */
  readonly policy: PolicyName;
  /** The releases whose columns are known, by the repository of their hub or of their code. */
  readonly releases: readonly string[];
  readonly licence: string;
  /** SHA-256 of the files that were looked at: their problems and answers are known to be whole. */
  readonly files: readonly string[];
}

const ofTheMaa = "The texts are the MAA's, whatever licence a copy states.";

/** The benchmarks by name, as data. */
export const datasets = {
  aime24: {
    title: "AIME 2024, I and II",
    size: 30,
    columns: [
      { id: "id", question: "problem", answer: "answer" },
      { id: "ID", question: "Problem", answer: "Answer" },
      // math-ai/aime24: the solution is a box.
      { id: "id", question: "problem", answer: "solution", form: "box" },
      { question: "problem", answer: "solution", form: "box" },
      { question: "question", answer: "answer" },
    ],
    policy: "aime",
    releases: [
      "HuggingFaceH4/aime_2024",
      "Maxwell-Jia/AIME_2024",
      "math-ai/aime24",
      "evalscope/aime24",
      "QwenLM/Qwen2.5-Math",
    ],
    licence: ofTheMaa,
    files: ["af2b8bd2aa911b6333ad0df32f3ca05c7ae8ed10f1731f4372c8ae26990bf7ac"],
  },
  aime25: {
    title: "AIME 2025, I and II",
    size: 30,
    columns: [
      { id: "id", question: "problem", answer: "answer" },
      { id: "id", question: "question", answer: "answer" },
      { question: "question", answer: "answer" },
      { question: "problem", answer: "answer" },
    ],
    policy: "aime",
    releases: ["math-ai/aime25", "yentinglin/aime_2025", "opencompass/AIME2025", "bigai-nlco/Native-Parallel-Reasoner"],
    licence: ofTheMaa,
    files: ["ca11f821ec52b986a0395e52f1ab871375aa1a9d7e597c964b1c0041161a204e"],
  },
  amc23: {
    title: "AMC 12 2023, A and B, the problems whose answer is a number",
    size: 40,
    columns: [
      { id: "id", question: "question", answer: "answer" },
      { id: "id", question: "problem", answer: "answer" },
      { question: "question", answer: "answer" },
      { question: "problem", answer: "answer" },
    ],
    policy: "amc",
    releases: ["math-ai/amc23", "QwenLM/Qwen2.5-Math", "bigai-nlco/Native-Parallel-Reasoner"],
    licence: ofTheMaa,
    files: ["43707e1ca784602d8479de24ee8ce36609dbebc46dd152b0b12a46611aa898a4"],
  },
  math500: {
    title: "MATH-500, the test problems of PRM800K's split of MATH",
    size: 500,
    columns: [
      { id: "unique_id", question: "problem", answer: "answer" },
      { question: "problem", answer: "answer" },
    ],
    policy: "math",
    releases: ["HuggingFaceH4/MATH-500", "ZubinGou/math-evaluation-harness", "bigai-nlco/Native-Parallel-Reasoner"],
    licence: "MIT",
    files: ["c7567377eadbc91466e3e6e708dd0c58f18aa56015b5566bf7584189107ac40f"],
  },
  minerva: {
    title: "Minerva's problems of MIT OpenCourseWare",
    size: 272,
    columns: [
      // Only math-ai/minervamath has a column of answers.
      { question: "question", answer: "answer" },
      { id: "idx", question: "problem", answer: "solution", form: "box" },
      { question: "problem", answer: "solution", form: "box" },
    ],
    policy: "minerva",
    releases: [
      "knoveleng/Minerva-Math",
      "math-ai/minervamath",
      "zhangirazerbayev/ocwcourses",
      "QwenLM/Qwen2.5-Math",
      "ZubinGou/math-evaluation-harness",
    ],
    licence: "CC BY-NC-SA, as OpenCourseWare",
    files: ["0e656b430d3a0a1dab6aa853f453ba3805e28e2cabe4fc72486a897cc09d8ba2"],
  },
  olympiadbench: {
    title: "OlympiadBench, OE_TO_maths_en_COMP: open answers, text only, English",
    size: 675,
    columns: [{ id: "id", question: "question", answer: "final_answer", tolerance: "error" }],
    policy: "olympiadbench",
    releases: ["Hothan/OlympiadBench", "QwenLM/Qwen2.5-Math"],
    licence: "Apache-2.0",
    files: ["bb8c1e38a16ea9eacb77530315a674d883f267fbff79183effc53681b4fcc416"],
  },
  gsm8k: {
    title: "GSM8K, test problems",
    size: 1319,
    columns: [
      { id: "idx", question: "question", answer: "answer", form: "hashes" },
      { question: "question", answer: "answer", form: "hashes" },
    ],
    policy: "gsm8k",
    releases: ["openai/gsm8k", "QwenLM/Qwen2.5-Math"],
    licence: "MIT",
    files: ["9f098df7ff4522078d6ccec27a5c38a454790fdb51131bedfaa0e490070d5394"],
  },
} as const satisfies Record<string, NamedDataset>;

/** Undefined for a name that there is not. */
export function namedDataset(name: string): NamedDataset | undefined {
  const all: Readonly<Record<string, NamedDataset>> = datasets;
  return Object.hasOwn(all, name) ? all[name] : undefined;
}
