#!/usr/bin/env node
import { complaintAboutNode } from "../node-version.ts";

// Everything else is imported only after this check: on an old Node its imports would fail, and the message would not name the cause.
const complaint = complaintAboutNode(process.versions.node);
if (complaint === undefined) {
  const { runProcess } = await import("./process.ts");
  await runProcess();
} else {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = 2;
}
