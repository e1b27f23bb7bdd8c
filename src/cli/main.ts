#!/usr/bin/env node
import { complaintAboutNode } from "./node-version.ts";

// Everything else is imported behind this check: its imports would fail on an old Node with a message that helps nobody.
const complaint = complaintAboutNode(process.versions.node);
if (complaint === undefined) {
  const { runProcess } = await import("./process.ts");
  await runProcess();
} else {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = 2;
}
