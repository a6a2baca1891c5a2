import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEngine } from "@fashionistas/local/engine";
import { loadPersonKey } from "@fashionistas/local/keys";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    endpoint: string;
    engineFile: string;
    personKeyFile: string;
  }
}

/** One engine for the whole run, in memory where the system has a file system there; DYNAMODB_ENDPOINT brings another one. */
export default async function setup(project: TestProject): Promise<() => void> {
  const dataDir = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "fashionistas-test-"));
  const engine = await startEngine({ dataDir, endpoint: process.env["DYNAMODB_ENDPOINT"] || undefined });
  project.provide("endpoint", engine.endpoint);
  project.provide("engineFile", engine.dbPath ?? "");
  project.provide("personKeyFile", loadPersonKey(dataDir));
  return () => {
    engine.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
