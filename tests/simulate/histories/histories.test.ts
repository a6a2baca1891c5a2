import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { tell } from "./history.ts";
import { failureText, Report } from "./report.ts";

const RUN = fileURLToPath(new URL("../run.mjs", import.meta.url));
const FIRST = 1;
const MANY = 20;

/** A few of the histories that `pnpm simulate` tells by the thousand. */
describe("whole-shop histories", () => {
  it("break nothing that must hold, whatever goes wrong in them", { timeout: 180_000 }, async () => {
    const report = new Report();
    for (let seed = FIRST; seed < FIRST + MANY; seed++) {
      const failure = report.add(await tell(String(seed)));
      expect(failure && failureText(failure)).toBeUndefined();
    }
    const { faults, orders, refunds, disputes } = report.total;
    // They are worth telling: everything happens in them.
    for (const name of ["process died", "table: ambiguous", "table: conflict", "deliveries: twice", "deliveries: partial", "stripe: twice"])
      expect(faults[name], name).toBeGreaterThan(0);
    for (const status of ["fulfilled", "voided", "expired", "cancelled", "unfulfillable"]) expect(orders[status], status).toBeGreaterThan(0);
    expect(refunds["succeeded"]).toBeGreaterThan(0);
    expect(disputes["lost"]).toBeGreaterThan(0);
    expect(report.total.other["order.reclaimed"]).toBeGreaterThan(0);
  });

  it("are the same for the same seeds, in any order, in other processes, however many", { timeout: 120_000 }, async () => {
    const report = new Report();
    for (const seed of ["3", "1", "2"]) report.add(await tell(seed));
    const { stdout } = await promisify(execFile)(process.execPath, [RUN, "--runs", "3", "--seed", "1", "--workers", "2", "--json"], { timeout: 100_000 });
    expect((JSON.parse(stdout) as { hash: string }).hash).toBe(report.hash());
  });

  it("that fail are told with the command that repeats them", () => {
    const text = failureText({ seed: "42", violations: ["a seat is sold twice"], trace: ["1.000 api Get ORDER#ord_1/ORDER done"] });
    expect(text).toMatch(/seed 42[^]*a seat is sold twice[^]*ORDER#ord_1[^]*pnpm simulate --runs 1 --seed 42/);
  });
});
