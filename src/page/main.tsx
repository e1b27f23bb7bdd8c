import { render } from "preact";
import { App } from "./app.tsx";
import { readRuns } from "./data.ts";

const page = document.getElementById("page");
if (page !== null) render(<App runs={readRuns()} />, page);
