import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { journalHash } from "@fashionistas/core/db/journal";
import { verifyJournals, type Verified } from "@fashionistas/core/db/verify";
import { MINUTE_MS } from "@fashionistas/core/time";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { main } from "../../packages/scripts/src/audit-verify.ts";
import { violations } from "../kit/invariants.ts";
import { openShop, somebody, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

type Item = Record<string, any>;
let world: World;
let shop: Shop;
let orderId: string;
let draftId: string;
beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
  const { type } = await shop.onSale();
  const { order, payment } = await shop.buy(type.id);
  await world.stripe.pay(payment!.paymentIntentId, "succeed");
  orderId = order.id;
  draftId = (await shop.createEvent()).id;
  await world.settle();
});

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const again of undo.splice(0).reverse()) await again();
  expect(await verified()).toMatchObject({ code: 0, result: { findings: [], shortened: [] } });
});

async function run(...args: string[]) {
  let out = "";
  let err = "";
  const code = await main(args, { out: (text) => void (out += text), err: (text) => void (err += text), bar: false });
  return { code, out, err };
}

async function verified(): Promise<{ code: number; result: Verified }> {
  const { code, out } = await run("--json");
  return { code, result: JSON.parse(out) as Verified };
}

const entryKey = (id: string, seq: number) => ({ pk: `JOURNAL#${id}`, sk: `E#${String(seq).padStart(8, "0")}` });
const orderKey = (id: string) => ({ pk: `ORDER#${id}`, sk: "ORDER" });

async function read({ pk, sk }: Item): Promise<Item> {
  return (await world.documents.send(new GetCommand({ TableName: world.tableName, Key: { pk, sk }, ConsistentRead: true }))).Item!;
}
const store = (Item: Item) => world.documents.send(new PutCommand({ TableName: world.tableName, Item }));
const drop = ({ pk, sk }: Item) => world.documents.send(new DeleteCommand({ TableName: world.tableName, Key: { pk, sk } }));

/** Changes an item behind the product's back, until the test is over. */
async function tamper(key: Item, change: (item: Item) => Item | undefined): Promise<void> {
  const item = await read(key);
  undo.push(() => store(item));
  const after = change(item);
  await (after ? store(after) : drop(item));
}

const rehashed = (entry: Item): Item => ({ ...entry, hash: journalHash(entry) });
const codes = async () => (await verified()).result.findings.map(({ entityId, seq, code }) => [entityId, seq, code]);

describe("pnpm audit:verify", () => {
  it("finds nothing where nobody tampered, and says what it read", async () => {
    const { code, out, err } = await run();
    expect(out).toMatch(/^\d+ entries of \d+ journals among \d+ items\nEvery journal is what was written\.\n$/);
    expect(err).toMatch(/^\d+ items, \d+ entries of \d+ journals\n/);
    expect(code).toBe(0);
    expect((await run("--help")).out).toContain("pnpm audit:verify");
  });

  it.each(["actor", "action", "at", "requestId", "changes", "events", "previousHash"])("finds an entry whose %s was changed", async (name) => {
    await tamper(entryKey(orderId, 2), (entry) => ({ ...entry, [name]: typeof entry[name] === "string" ? entry[name].replace(/\d/, "8x") + "0" : [] }));
    const found = await codes();
    expect(found).toContainEqual([orderId, 2, "changed_entry"]);
    expect(await violations(world)).toContain(`journal of ${orderId}: entry 2 is not what was written: its hash is another`);
  });

  it("finds an entry that was deleted, and names it", async () => {
    await tamper(entryKey(orderId, 2), () => undefined);
    expect(await codes()).toEqual([[orderId, 2, "missing_entry"]]);
    const { code, out } = await run();
    expect(out).toContain(`missing_entry    ${orderId}  entry 2 is missing`);
    expect(out).toContain("1 finding: somebody tampered with the table.");
    expect(code).toBe(1);
  });

  it("finds that the first entry was deleted", async () => {
    await tamper(entryKey(orderId, 1), () => undefined);
    expect(await codes()).toEqual([[orderId, 1, "missing_entry"]]);
  });

  it("finds a tail that was cut off", async () => {
    await tamper(entryKey(orderId, 3), () => undefined);
    await tamper(entryKey(orderId, 2), () => undefined);
    expect(await codes()).toEqual([[orderId, 3, "cut_off"]]);
  });

  it("finds two entries that were swapped, renumbered or not", async () => {
    const [second, third] = [await read(entryKey(orderId, 2)), await read(entryKey(orderId, 3))];
    await tamper(second, () => ({ ...third, ...entryKey(orderId, 2) }));
    await tamper(third, () => ({ ...second, ...entryKey(orderId, 3) }));
    expect(await codes()).toEqual(expect.arrayContaining([[orderId, 2, "misplaced_entry"]]));
    await tamper(second, () => rehashed({ ...third, ...entryKey(orderId, 2), seq: 2 }));
    await tamper(third, () => rehashed({ ...second, ...entryKey(orderId, 3), seq: 3 }));
    expect(await codes()).toEqual(
      expect.arrayContaining([
        [orderId, 2, "broken_link"],
        [orderId, 3, "broken_link"],
        [orderId, 3, "other_head"],
      ]),
    );
  });

  it("finds a forged entry with a hash of its own, in the middle and at the end", async () => {
    await tamper(entryKey(orderId, 2), (entry) => rehashed({ ...entry, actor: { kind: "admin", id: "usr_nobody" } }));
    expect(await codes()).toContainEqual([orderId, 3, "broken_link"]);
    await undo.pop()!();
    await tamper(entryKey(orderId, 3), (entry) => rehashed({ ...entry, changes: { status: ["awaiting_payment", "voided"] } }));
    expect(await codes()).toEqual([[orderId, 3, "other_head"]]);
  });

  it("finds a chain that was written anew after a forged entry, because the entity holds another head", async () => {
    const forged = rehashed({ ...(await read(entryKey(orderId, 2))), action: "order.cancel" });
    await tamper(entryKey(orderId, 2), () => forged);
    await tamper(entryKey(orderId, 3), (entry) => rehashed({ ...entry, previousHash: forged["hash"] }));
    expect(await codes()).toEqual([[orderId, 3, "other_head"]]);
  });

  it("finds an entry that was added to the end", async () => {
    const last = await read(entryKey(orderId, 3));
    const extra = rehashed({ ...last, ...entryKey(orderId, 4), seq: 4, previousHash: last["hash"], events: [] });
    await store(extra);
    undo.push(() => drop(extra));
    expect(await codes()).toEqual([[orderId, 4, "extra_entry"]]);
  });

  it("finds an entity whose journal is gone as a whole", async () => {
    for (const seq of [3, 2, 1]) await tamper(entryKey(orderId, seq), () => undefined);
    expect(await codes()).toEqual([[orderId, 3, "no_journal"]]);
  });

  it("finds a journal whose entity was deleted behind our back, and takes no offence at one that was removed", async () => {
    expect((await world.request("DELETE", `/events/${draftId}`, { token: shop.organizer })).status).toBe(204);
    await world.settle();
    expect(await codes()).toEqual([]);
    await tamper(orderKey(orderId), () => undefined);
    expect(await codes(), "it may have been born while the walk went on").toEqual([]);
    const { findings } = await verifyJournals(Date.now() + 10 * MINUTE_MS, () => {});
    expect(findings).toEqual([{ entityId: orderId, seq: 3, code: "no_entity" }]);
  });

  it("finds an entity that was set back, and one whose head was exchanged", async () => {
    const second = await read(entryKey(orderId, 2));
    await tamper(orderKey(orderId), (order) => ({ ...order, version: 2, auditHash: second["hash"], updatedAt: second["at"] }));
    expect(await codes()).toEqual([[orderId, 3, "extra_entry"]]);
    await tamper(orderKey(orderId), (order) => ({ ...order, version: 3, auditHash: second["hash"] }));
    expect(await codes()).toEqual([[orderId, 3, "other_head"]]);
  });

  it("finds an entry that was taken out of the index of its actor, moved, or given another life", async () => {
    const type = (await read(entryKey(orderId, 1)))["events"][0].data.ticketTypeIds[0] as string;
    await tamper(entryKey(type, 1), ({ gsi3pk: _, gsi3sk: __, ...entry }) => entry);
    expect(await codes()).toEqual([[type, 1, "misplaced_entry"]]);
    await tamper(entryKey(type, 1), (entry) => ({ ...entry, gsi3pk: "usr_nobody" }));
    expect(await codes()).toEqual([[type, 1, "misplaced_entry"]]);
    await tamper(entryKey(orderId, 1), (entry) => ({ ...entry, ttl: 1_700_000_000 }));
    expect(await codes()).toContainEqual([orderId, 1, "misplaced_entry"]);
  });

  it("takes no offence at what happens while it walks", async () => {
    const { type } = await shop.onSale({ quantityTotal: 40 });
    let selling = true;
    const sales = (async () => {
      while (selling) {
        const { payment } = await shop.buy(type.id, { buyer: somebody() });
        await world.stripe.pay(payment!.paymentIntentId, "succeed");
        await world.settle();
      }
    })();
    for (let walk = 0; walk < 8; walk++) expect((await verified()).result.findings).toEqual([]);
    selling = false;
    await sales;
  });

  it("says that it cannot be asked, in one sentence", async () => {
    expect(await run("--what")).toMatchObject({ code: 2 });
    const { code, err } = await run("--table", `${world.tableName}-none`);
    process.env["TABLE_NAME"] = world.tableName;
    expect(err).toMatch(/cannot be read \(ResourceNotFoundException\)/);
    expect(code).toBe(2);
  });
});
