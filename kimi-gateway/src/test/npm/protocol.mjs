// Reads a case a line from the test, runs it, and writes what came of it a line: {"result": ...} or {"failed": ...}.
import { createInterface } from "node:readline";

export async function serve(run) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { name, model, png } = JSON.parse(line);
    let outcome;
    try {
      outcome = { result: await run(name, model, png) };
    } catch (e) {
      outcome = { failed: `${e?.constructor?.name}: ${e?.message}` };
    }
    process.stdout.write(JSON.stringify(outcome) + "\n");
  }
}

export async function broken(open, isVendors) {
  let events = 0;
  try {
    for await (const event of await open()) {
      events += event ? 1 : 0;
    }
    return `a whole stream of ${events}`;
  } catch (e) {
    if (!isVendors(e)) throw e;
    return `${events > 0 ? "begun" : "nothing"}, then an error`;
  }
}

export async function failure(call, isVendors) {
  try {
    return await call();
  } catch (e) {
    if (!isVendors(e)) throw e;
    const wait = e.headers?.get("retry-after");
    return `${e.status}${wait ? ` after ${wait}` : ""}`;
  }
}

export function bothOf(ids) {
  const both = ids.some((id) => id.includes("kimi-k3")) && ids.includes("claude-sonnet-5-5");
  return both ? "both" : `only ${ids}`;
}
