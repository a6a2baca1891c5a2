import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEngine, tuneEngine } from "@fashionistas/local/engine";
import { baseEnvironment, setEnvironment } from "@fashionistas/local/environment";
import { loadPersonKey, newKeys, type Keys } from "@fashionistas/local/keys";
import { ensurePlainTable, ensureTable } from "@fashionistas/local/tables";
import { RAISED_LIMITS } from "./report.ts";
import { clientOf } from "./sdk.ts";

/** The product's table on an engine of its own, for sections that run the product in this process. */
export type OwnTable = { endpoint: string; tableName: string; localTable: string; streamArn: string; keys: Keys; stop(): void };

/** Starts the engine as `pnpm dev` does and sets the environment: import nothing of core before this. */
export async function ownTable(baseUrl: string): Promise<OwnTable> {
  const dataDir = mkdtempSync(join(tmpdir(), "fashionistas-bench-"));
  const engine = await startEngine({ dataDir, endpoint: undefined });
  const keys = newKeys();
  const environment = baseEnvironment(keys, { endpoint: engine.endpoint, baseUrl });
  setEnvironment({ ...environment, POWERTOOLS_LOG_LEVEL: "SILENT", RATE_LIMITS: RAISED_LIMITS, PERSON_KEY_FILE: loadPersonKey(dataDir) });
  const client = clientOf(engine.endpoint);
  const tableName = process.env["TABLE_NAME"]!;
  const localTable = `${tableName}-local`;
  const streamArn = await ensureTable(client, tableName);
  await ensurePlainTable(client, localTable);
  await ensurePlainTable(client, process.env["KEYS_TABLE_NAME"]!);
  await tuneEngine(engine.dbPath!, tableName, "0");
  const stop = () => {
    engine.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { endpoint: engine.endpoint, tableName, localTable, streamArn, keys, stop };
}
