/** Everything that must hold before a change lands, quickest first; stops at the first thing that does not. */
import { spawnSync } from "node:child_process";

const steps: [name: string, command: string][] = [
  ["format", "oxfmt --check"],
  ["lint", "oxlint --type-aware"],
  ["types", "npm run typecheck"],
  ["dead code", "knip"],
  ["build", "tsup --silent"],
  ["package manifest", "publint --strict"],
  ["package types", "attw --pack . --profile esm-only"],
  ["documentation", "typedoc --emit none --treatWarningsAsErrors"],
  ["the packed package, installed and used", "node scripts/check-package.ts"],
  ["tests", "npm test -- --coverage"],
];

for (const [name, command] of steps) {
  const began = performance.now();
  console.log(`\n── ${name}: ${command}`);
  const { status } = spawnSync(command, { shell: true, stdio: "inherit" });
  if (status !== 0) {
    console.error(`\n✖ ${name} failed (${command})`);
    process.exit(1);
  }
  console.log(`── ${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}
