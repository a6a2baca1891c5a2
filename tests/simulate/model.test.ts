import { describe, expect, it } from "vitest";
import { Model, type ModelOptions } from "../kit/dynamo/model.ts";
import { LIMITS } from "../kit/dynamo/throughput.ts";
import { chanceFrom } from "../kit/simulation/chance.ts";
import { Clockwork } from "../kit/simulation/clockwork.ts";

/** What the model adds to the engine: limits, conflicts, lost answers and lag, in modelled time. */
async function inTime<T>(options: Partial<ModelOptions>, story: (model: Model, time: Clockwork) => Promise<T>): Promise<T> {
  const time = new Clockwork();
  const told = story(new Model({ chance: chanceFrom("model"), time, latency: () => 10, ...options }), time);
  await time.until(told);
  return told;
}

const put = (pk: string, more: object = {}) => ({ Item: { pk, sk: "A", ...more } });
const get = (pk: string, ConsistentRead = true) => ({ Key: { pk, sk: "A" }, ConsistentRead });
const transaction = (...pks: string[]) => ({ TransactItems: pks.map((pk) => ({ Put: put(pk) })) });
const nameOf = (call: Promise<unknown>) =>
  call.then(
    () => "done",
    (error: Error) => error.name,
  );
const many = <T>(count: number, make: (n: number) => Promise<T>) => Promise.all(Array.from({ length: count }, (_, n) => make(n)));

describe("a partition", () => {
  it("takes its burst and 1,000 units a second, and throttles the rest, which the SDK repeats later", async () => {
    const ends = await inTime({ limits: LIMITS }, async (model, time) => {
      const calls = many(2_000, async () => (await nameOf(model.call("Put", put("hot")))) === "done" && time.now);
      return (await calls).filter((at) => at !== false);
    });
    expect(ends.filter((at) => at <= 20).length).toBe(500);
    expect(ends.length).toBeGreaterThan(1_000);
    for (const second of [1, 2, 3]) expect(ends.filter((at) => at <= second * 1_000).length).toBeLessThanOrEqual(501 + second * 1_000);
  });

  it("is not slowed by what others are asked for", async () => {
    const { throttled } = await inTime({ limits: LIMITS }, async (model) => {
      await many(2_000, (n) => model.call("Put", put(`key-${n}`)));
      return model.meter;
    });
    expect([...throttled]).toEqual([]);
  });

  it("of an index holds a write back as its own does", async () => {
    const throttled = await inTime({ limits: { ...LIMITS, writePerSecond: 20 } }, async (model) => {
      await many(60, (n) => model.call("Put", put(`key-${n}`, { gsi1pk: "DUE#00", gsi1sk: "1" })).catch(() => undefined));
      return model.meter.throttled;
    });
    expect(throttled.get("write gsi1 DUE#00")).toBeGreaterThan(0);
  });
});

describe("a transaction", () => {
  it("cancels another that touches one of its items at the same time, and none that comes after", async () => {
    const outcomes = await inTime({}, async (model, time) => {
      const atOnce = await Promise.all([
        nameOf(model.call("TransactWrite", transaction("a", "b"))),
        nameOf(model.call("TransactWrite", transaction("b", "c"))),
      ]);
      await time.sleep(1);
      return [...atOnce, await nameOf(model.call("TransactWrite", transaction("b", "c")))];
    });
    expect(outcomes).toEqual(["done", "TransactionCanceledException", "done"]);
  });

  it("refuses a single write of its items while it runs, and reads see nothing of it before it commits", async () => {
    const [write, before, after] = await inTime({}, async (model, time) => {
      const running = model.call("TransactWrite", transaction("a"));
      const [single, read] = [nameOf(model.call("Put", put("a"))), model.call("Get", get("a"))];
      const early = [await single, await read] as const;
      await running;
      await time.sleep(1);
      return [...early, await model.call("Get", get("a"))] as const;
    });
    expect(write).toBe("TransactionConflictException");
    expect([before, after]).toEqual([{}, { Item: { pk: "a", sk: "A" } }]);
  });
});

describe("an answer that is lost", () => {
  const lost = { faults: { throttle: 0, conflict: 0, ambiguous: 1 } };

  it("is of a write that happened", async () => {
    const [outcome, standing] = await inTime(lost, async (model) => [await nameOf(model.call("Put", put("a"))), await model.call("Get", get("a"))]);
    expect([outcome, standing]).toEqual(["TimeoutError", { Item: { pk: "a", sk: "A" } }]);
  });

  it("makes the SDK repeat a transaction under its token: it happens once", async () => {
    const add = { TransactItems: [{ Update: { Key: { pk: "a", sk: "A" }, UpdateExpression: "ADD n :one", ExpressionAttributeValues: { ":one": 1 } } }] };
    const standing = await inTime(lost, async (model) => {
      await nameOf(model.call("TransactWrite", add));
      return model.call("Get", get("a"));
    });
    expect(standing).toEqual({ Item: { pk: "a", sk: "A", n: 1 } });
  });
});

describe("what lags behind", () => {
  it("is an eventually consistent read and an index, never a consistent read, and never for longer than it may", async () => {
    const query = { IndexName: "gsi1", KeyConditionExpression: "gsi1pk = :pk", ExpressionAttributeValues: { ":pk": "DUE#00" } };
    const seen = await inTime({ lagMs: { reads: 500, indexes: 500 } }, async (model, time) => {
      await model.call("Put", put("a", { gsi1pk: "DUE#00", gsi1sk: "1" }));
      const [stale, index, exact] = await Promise.all([
        many(20, () => model.call("Get", get("a", false))),
        model.call("Query", query),
        model.call("Get", get("a")),
      ]);
      await time.sleep(501);
      const [later, indexLater] = [await many(20, () => model.call("Get", get("a", false))), await model.call("Query", query)];
      return {
        stale: stale.filter(({ Item }) => Item).length,
        index: index["Count"],
        exact: exact["Item"] !== undefined,
        later: later.filter(({ Item }) => Item).length,
        indexLater: indexLater["Count"],
      };
    });
    expect(seen).toMatchObject({ index: 0, exact: true, later: 20, indexLater: 1 });
    expect(seen.stale).toBeLessThan(20);
  });
});
