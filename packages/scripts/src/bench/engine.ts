import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { startEngine, tuneEngine } from "@fashionistas/local/engine";
import { engineClient } from "@fashionistas/local/engine-client";
import { ensureTable } from "@fashionistas/local/tables";
import { cpuMs, familyOf, nameOf } from "./proc.ts";
import { atLeast, atMost, sized, type Section } from "./report.ts";
import { clientOf } from "./sdk.ts";

const TABLE = "engine-speed";
const AT_ONCE = 8;
const KEYS = 500;

/**
 * Does the tuned engine stay fast while stream records gather? Conditional updates of 600-byte items in a table with a stream,
 * the first tenth of them against the last, in writes per second and in the engine's own CPU, which neighbours disturb less.
 */
export const engine: Section = async ({ say, figure, ...bench }) => {
  const writes = sized(bench, 50_000, 10_000, 3_000);
  const dataDir = mkdtempSync(join(tmpdir(), "fashionistas-bench-"));
  const { endpoint, dbPath, stop } = await startEngine({ dataDir, endpoint: undefined });
  try {
    await ensureTable(clientOf(endpoint), TABLE);
    await tuneEngine(dbPath!, TABLE, "0");
    const wire = engineClient(endpoint);
    const pid = familyOf(process.pid).find((one) => nameOf(one) === "dynoxide");
    let written = 0;

    const write = async () => {
      const n = written++;
      await wire.call("UpdateItem", {
        TableName: TABLE,
        Key: { pk: { S: `KEY#${n % KEYS}` }, sk: { S: "SPEED" } },
        UpdateExpression: "SET filling = :filling ADD n :one",
        ConditionExpression: "attribute_not_exists(n) OR n < :n",
        ExpressionAttributeValues: { ":filling": { S: "x".repeat(550) }, ":one": { N: "1" }, ":n": { N: String(writes) } },
      });
    };
    const stretch = async (count: number) => {
      const until = written + count;
      const cpuBefore = pid ? cpuMs(pid) : 0;
      const startedAt = performance.now();
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while (written < until) await write();
        }),
      );
      return { perSecond: (count * 1_000) / (performance.now() - startedAt), cpuMs: pid ? (cpuMs(pid) - cpuBefore) / count : 1 };
    };

    const tenth = writes / 10;
    await stretch(Math.min(500, tenth));
    const first = await stretch(tenth);
    say(`${Math.round(first.perSecond)} writes/s at first`);
    await stretch(writes - 2 * tenth);
    const last = await stretch(tenth);
    wire.close();
    figure("writes per second, first tenth", first.perSecond, "1/s");
    figure(`writes per second, after ${writes} writes`, last.perSecond, "1/s");
    figure("speed kept", last.perSecond / first.perSecond, "of the first", atLeast(0.5));
    figure("engine cpu per write, last to first", last.cpuMs / first.cpuMs, "times", atMost(2));
  } finally {
    stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
};
