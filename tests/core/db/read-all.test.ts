import { describe, expect, it } from "vitest";
import { readAll } from "../../../packages/core/src/db/read-all.ts";

describe("reading several items in one call", () => {
  it("asks again for what the table left out, until everything is there", async () => {
    const asked: number[][] = [];
    const rows = await readAll([1, 2, 3, 4, 5], async (keys) => {
      asked.push(keys);
      return { data: keys.slice(0, 2), unprocessed: keys.slice(2) };
    });
    expect(asked).toEqual([[1, 2, 3, 4, 5], [3, 4, 5], [5]]);
    expect(rows).toEqual([1, 2, 3, 4, 5]);
  });

  it("says that it is too busy when that does not end, after a bounded number of calls", async () => {
    let calls = 0;
    const busy = readAll([1], async (keys) => {
      calls += 1;
      return { data: [], unprocessed: keys };
    });
    await expect(busy).rejects.toMatchObject({ code: "request.busy", extras: { retryAfterSeconds: 1 } });
    expect(calls).toBe(8);
  });

  it("repeats nothing that failed otherwise, and makes no call for nothing", async () => {
    let calls = 0;
    const read = async () => {
      calls += 1;
      throw new Error("down");
    };
    await expect(readAll([1], read)).rejects.toThrow("down");
    expect(calls).toBe(1);
    expect(await readAll([], read)).toEqual([]);
    await expect(readAll(Array.from({ length: 101 }, String), read)).rejects.toThrow(RangeError);
    expect(calls).toBe(1);
  });
});
