import { resolve } from "node:path";
import { parseArgs } from "node:util";

export type Options = { port: number; dataDir: string; fresh: boolean; demo: boolean; endpoint: string | undefined };

export const HELP = `pnpm dev [--fresh] [--no-demo]

Runs the whole product on this machine: database engine, API, WebSockets, stream, bus, schedules, and stand-ins for Stripe and WATI.

  --fresh      start from nothing: removes the data folder first
  --no-demo    do not load demo data

  PORT              where the API listens (3000)
  DATA_DIR          where everything is kept (.local)
  DYNAMODB_ENDPOINT use another DynamoDB-compatible engine
  STRIPE_API_BASE, WATI_API_BASE, … use another implementation of a vendor's API
`;

/** Reads the command line and the environment. @throws Error with a sentence that says what to do */
export function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): Options | "help" {
  const { values } = parse(argv);
  if (values.help) return "help";
  const port = Number(env["PORT"] ?? "3000");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`PORT must be a port number from 1 to 65535, not "${env["PORT"]}".`);
  return {
    port,
    dataDir: resolve(env["DATA_DIR"] ?? ".local"),
    fresh: values.fresh === true,
    demo: values["no-demo"] !== true,
    endpoint: env["DYNAMODB_ENDPOINT"] || undefined,
  };
}

function parse(argv: readonly string[]) {
  const options = { fresh: { type: "boolean" }, "no-demo": { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;
  try {
    // pnpm passes a lone "--" on.
    return parseArgs({ args: argv.filter((argument) => argument !== "--"), options });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}
