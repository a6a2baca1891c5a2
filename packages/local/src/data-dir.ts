import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Everything we ever write into the data folder: what --fresh removes, and nothing else. */
const FILES = ["engine.db", "engine.db-wal", "engine.db-shm", "engine.log", "keys.json", "person.key", "lock"];

/** Makes the folder, or empties it of what is ours. */
export function prepareDataDir(dataDir: string, fresh: boolean): void {
  mkdirSync(dataDir, { recursive: true });
  takeLock(dataDir);
  if (fresh) for (const file of FILES) if (file !== "lock") rmSync(join(dataDir, file), { force: true });
}

/** Two stacks on one folder would each miss the other's writes. */
function takeLock(dataDir: string): void {
  const path = join(dataDir, "lock");
  const holder = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
  if (holder && holder !== process.pid && isAlive(holder)) {
    throw new Error(`The data folder ${dataDir} is in use by process ${holder}. Stop that one, or set DATA_DIR to another folder.`);
  }
  writeFileSync(path, String(process.pid));
  process.on("exit", () => {
    if (existsSync(path) && readFileSync(path, "utf8") === String(process.pid)) unlinkSync(path);
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Writes a file whole or not at all. */
export function writeWhole(path: string, content: string | Buffer): void {
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
