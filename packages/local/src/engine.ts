import { spawn } from "node:child_process";
import { accessSync, chmodSync, constants, existsSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export type Engine = { endpoint: string; dbPath: string | undefined; stop(): void };

const START_MS = 10_000;

/**
 * Starts the embedded DynamoDB-compatible engine on a file, or uses the endpoint that is given.
 * @throws Error with a sentence that says what to do
 */
export async function startEngine({ dataDir, endpoint }: { dataDir: string; endpoint: string | undefined }): Promise<Engine> {
  if (endpoint) {
    if (!(await answers(endpoint)))
      throw new Error(`Nothing answers at DYNAMODB_ENDPOINT ${endpoint}. Start that engine, or unset the variable to use the embedded one.`);
    return { endpoint, dbPath: undefined, stop: () => {} };
  }
  const port = await freePort();
  const dbPath = join(dataDir, "engine.db");
  await rewriteEngine(dbPath);
  const logPath = join(dataDir, "engine.log");
  const log = openSync(logPath, "a");
  // The engine ends with us, however we end: when our end of the pipe closes, the shell's read returns.
  const script = '"$0" "$@" </dev/null & engine=$!; trap "" INT TERM; read -r _; kill "$engine"; wait "$engine"';
  const shell = spawn("/bin/sh", ["-c", script, binary(), "--host", "127.0.0.1", "--port", String(port), "--db-path", dbPath], { stdio: ["pipe", log, log] });
  shell.stdin?.on("error", () => {});
  const stop = () => shell.stdin?.end();
  const url = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await sleep(10)) {
    if (await answers(url)) return { endpoint: url, dbPath, stop };
  }
  stop();
  const said = readFileSync(logPath, "utf8").trim().split("\n").at(-1) ?? "";
  throw new Error(
    `The database engine did not start on ${dbPath} (${said}). If the data folder is damaged, put it back as it was, or start from nothing with: pnpm dev --fresh`,
  );
}

function binary(): string {
  const name = `@dynoxide/${process.platform}-${process.arch}`;
  try {
    const path = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), "dynoxide");
    try {
      accessSync(path, constants.X_OK);
    } catch {
      chmodSync(path, 0o755);
    }
    return path;
  } catch {
    throw new Error(
      `There is no embedded database engine for ${process.platform}-${process.arch} (package ${name}). Start any DynamoDB-compatible engine and set DYNAMODB_ENDPOINT to its URL, for example DYNAMODB_ENDPOINT=http://127.0.0.1:8000 pnpm dev`,
    );
  }
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(1_000) });
    return true;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/**
 * Rewrites the data file before the engine starts on it: SQLite keeps what it frees, and a deleted key of somebody who was erased
 * must not lie there. Half a second for 100 MB; interrupted, the file is as it was.
 */
export async function rewriteEngine(dbPath: string): Promise<void> {
  if (!existsSync(dbPath)) return;
  const { default: Database } = await import("libsql");
  const db = new Database(dbPath, { timeout: 20_000 });
  try {
    db.exec("VACUUM");
    db.pragma("wal_checkpoint(TRUNCATE)");
  } finally {
    db.close();
  }
}

/**
 * The embedded engine looks for the newest stream record without an index, so writes slow down as records gather: gives it
 * the index, and drops records older than a day that the pump has passed.
 */
export async function tuneEngine(dbPath: string, table: string, passedSequence: string): Promise<void> {
  const { default: Database } = await import("libsql");
  const db = new Database(dbPath, { timeout: 5_000 });
  try {
    db.exec("CREATE INDEX IF NOT EXISTS fashionistas_stream_sequence ON _stream_records(table_name, CAST(sequence_number AS INTEGER))");
    const yesterday = Math.floor(Date.now() / 1_000) - 86_400;
    db.prepare("DELETE FROM _stream_records WHERE table_name = ? AND created_at < ? AND CAST(sequence_number AS INTEGER) <= CAST(? AS INTEGER)").run(
      table,
      yesterday,
      passedSequence,
    );
  } finally {
    db.close();
  }
}
