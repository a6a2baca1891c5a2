/** `run.mjs [options]` runs a simulation of the whole product: at internet scale with `--scale`, else histories. Nothing it does leaves the process. */
import { register } from "tsx/esm/api";

Object.assign(process.env, {
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "simulated",
  AWS_SECRET_ACCESS_KEY: "simulated",
  DYNAMODB_ENDPOINT: "http://127.0.0.1:1",
  TABLE_NAME: "simulated",
  POWERTOOLS_LOG_LEVEL: process.env.POWERTOOLS_LOG_LEVEL ?? "SILENT",
});

// Refusals are answers here, a hundred thousand of them: nobody reads where they were made.
Error.stackTraceLimit = Number(process.env.STACK_TRACE_LIMIT ?? 0);

register();
const main = process.argv.includes("--scale") ? "scale/main.ts" : "histories/main.ts";
await import(new URL(main, import.meta.url).href).catch((error) => {
  // What is wrong with an option is the caller's to read, not where it was found.
  if (!String(error.code).startsWith("ERR_PARSE_ARGS")) throw error;
  process.stderr.write(`${error.message}\npnpm simulate --help tells what there is.\n`);
  process.exitCode = 2;
});
