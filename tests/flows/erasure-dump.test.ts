import { createReadStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import * as Erasure from "@fashionistas/core/erasure";
import * as Person from "@fashionistas/core/person";
import { rewriteEngine } from "@fashionistas/local/engine";
import Database from "libsql";
import { afterAll, afterEach, beforeAll, expect, inject, it } from "vitest";
import { memoryStore } from "../integrations/memory-store.ts";
import { MINUTES, present, travel } from "../kit/clock.ts";
import { crashAt, disarm } from "../kit/faults.ts";
import { violations } from "../kit/invariants.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

/**
 * A person is searched for in a full copy of the engine's data file, write-ahead log included, and in every line that was logged
 * or printed meanwhile. What a vendor was sent is the vendor's: their stand-ins keep their state elsewhere here.
 */
let world: World;
let shop: Shop;
const folder = mkdtempSync(join(tmpdir(), "fashionistas-dump-"));
const vendors = memoryStore();
const printed: string[] = [];
const real = { out: process.stdout.write.bind(process.stdout), err: process.stderr.write.bind(process.stderr) };

beforeAll(async () => {
  process.env["POWERTOOLS_LOG_LEVEL"] = "DEBUG";
  process.env["POWERTOOLS_DEV"] = "false";
  for (const [stream, write] of [
    [process.stdout, real.out],
    [process.stderr, real.err],
  ] as const)
    stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
      printed.push(Buffer.from(chunk as Uint8Array).toString());
      return write(chunk, ...rest);
    }) as typeof stream.write;
  for (const method of ["debug", "info", "warn", "error", "log"] as const) {
    const say = console[method].bind(console);
    console[method] = (...words: unknown[]) => {
      printed.push(words.map(String).join(" "));
      if (method === "log") say(...words);
    };
  }
  world = await startWorld({ vendors });
  shop = await openShop(world);
});
afterEach(present);
afterAll(() => {
  Object.assign(process.stdout, { write: real.out });
  Object.assign(process.stderr, { write: real.err });
  rmSync(folder, { recursive: true, force: true });
});

/** Words as they may lie in a file: plain, in UTF-16, in hex, and at any of the three offsets that base64 knows. */
function shapesOf(word: string): Map<string, Buffer> {
  const utf8 = Buffer.from(word);
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), utf8]).toString("base64");
    // The first and last characters also carry bits of the neighbours.
    return text.slice(offset === 0 ? 0 : offset + 1, Math.floor(((offset + utf8.length) * 8) / 6)).replace(/=+$/, "");
  });
  return new Map([
    ["plain", utf8],
    ["UTF-16", Buffer.from(word, "utf16le")],
    ["UTF-16BE", Buffer.from(word, "utf16le").swap16()],
    ["hex", Buffer.from(utf8.toString("hex"))],
    ...base64.map((text, offset) => [`base64+${offset}`, Buffer.from(text)] as const),
  ]);
}

/** A copy of the data file with its write-ahead log. While somebody reads, nothing of either is overwritten. */
async function copyOf(file: string): Promise<string> {
  const copy = join(folder, `copy-${randomBytes(4).toString("hex")}`);
  const db = new Database(file, { timeout: 20_000 });
  try {
    db.exec("BEGIN");
    db.prepare("SELECT count(*) FROM _config").get();
    await copyFile(file, copy);
    if (existsSync(`${file}-wal`)) await copyFile(`${file}-wal`, `${copy}-wal`);
    db.exec("COMMIT");
  } finally {
    db.close();
  }
  return copy;
}

/** Which of these words are in the file or in its write-ahead log, in any shape. */
async function foundIn(file: string, words: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  const shapes = words.flatMap((word) => [...shapesOf(word)].map(([shape, bytes]) => ({ name: `${word} (${shape})`, bytes })));
  const longest = Math.max(...shapes.map(({ bytes }) => bytes.length));
  for (const path of [file, `${file}-wal`]) {
    let tail = Buffer.alloc(0);
    for await (const chunk of existsSync(path) ? createReadStream(path, { highWaterMark: 8 << 20 }) : []) {
      const text = Buffer.concat([tail, chunk as Buffer]);
      for (const { name, bytes } of shapes) if (text.includes(bytes)) found.add(name);
      tail = text.subarray(-longest);
    }
  }
  return [...found];
}

it("an erased person is in no byte of the data file and in no line of the logs", async () => {
  const file = inject("engineFile");
  // Another engine keeps no file of ours: the table's items are all that there is of it.
  if (!file) return;
  const mark = randomBytes(6)
    .toString("hex")
    .replace(/\d/g, (digit) => "ghijklmnop"[Number(digit)]!);
  const contact = { name: `Xenia ${mark}`, email: `xq${mark}@example.com`, phone: `+3933${Math.floor(1e8 + Math.random() * 8e8)}` };
  const words = [mark, contact.email, contact.phone.slice(1)];
  expect(await foundIn(file, words)).toEqual([]);

  const { type } = await shop.onSale({ quantityTotal: 100 });
  const freeType = (await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } })).type.id;
  const guest = await shop.buy(type.id, { quantity: 2, buyer: contact, whatsappOptIn: true, attendees: [null, { ...contact, name: `${contact.name} Due` }] });
  await world.stripe.pay(guest.payment!.paymentIntentId, "succeed");
  await world.settle();
  expect((await world.wati.messages()).map(({ phone }) => phone)).toContain(contact.phone.slice(1));
  const again = { "idempotency-key": `key-${mark.slice(0, 3)}` };
  for (let n = 0; n < 2; n++) await shop.purchase(type.id, { quantity: 1, buyer: contact }, again);
  await shop.purchase(type.id, { quantity: 0, buyer: contact });
  await shop.purchase(type.id, { quantity: 1, buyer: { ...contact, phone: "nonsense" } });
  const late = await shop.buy(type.id, { quantity: 1, buyer: contact });
  await world.stripe.dispute(guest.payment!.paymentIntentId, { kind: "chargeback" });
  await world.settle();
  await shop.onOrder(late, "cancel");

  // What WATI tells of them, to us and to an address that is none of ours; and a consumer that dies while it has them in hand.
  const said = {
    eventType: "message",
    id: `msg-${type.id}`,
    waId: contact.phone.slice(1),
    senderName: contact.name,
    text: `I am ${contact.name}`,
    timestamp: "1793610000",
  };
  for (const secret of [process.env["WATI_WEBHOOK_TOKEN"], "wrong"]) await world.request("POST", `/webhooks/wati/${secret}`, { body: said });
  await shop.buy(freeType, { quantity: 1, buyer: contact, whatsappOptIn: true });
  crashAt({ at: 9, when: "after", of: "machines" });
  await world.settle();
  expect(disarm()).toBe(true);
  await world.settle();

  const token = await world.issuerToken(mark, {
    ...{ name: contact.name, email: contact.email, email_verified: true },
    ...{ phone_number: contact.phone, phone_number_verified: true },
  });
  await world.request("GET", "/me", { token });
  await world.request("PUT", "/me", { token, body: { name: `${contact.name} Tre` } });
  await world.request("POST", "/users/search", { token: shop.admin, body: { email: contact.email } });
  await world.settle();
  const people = await Person.listByKeys({ emailKey: Person.emailKeyOf(contact.email) });
  const wrapped = await Promise.all(
    people.map(async (personId) => {
      const { Item } = await world.documents.send(new GetCommand({ TableName: process.env["KEYS_TABLE_NAME"]!, Key: { pk: `KEY#${personId}`, sk: "KEY" } }));
      return Item!["wrapped"] as string;
    }),
  );
  expect(people.length).toBeGreaterThan(2);
  expect((await Person.findAll(people)).every(({ name }) => name.includes(mark))).toBe(true);

  const receipt = await world.request<{ erasureId: string }>("DELETE", "/me", { token });
  expect(receipt.status).toBe(202);
  for (let minutes = 0; minutes < 5; minutes++) {
    await world.settle();
    travel(MINUTES + 1_000);
    await world.runSchedule("continue-erasures");
  }
  await world.settle();
  expect(await Erasure.find(receipt.body.erasureId)).toMatchObject({ phase: "done", people: people.length, keys: people.length });
  expect(await Person.findAll(people)).toEqual([]);
  expect(await violations({ ...world, store: vendors })).toEqual([]);

  const copy = await copyOf(file);
  expect(await foundIn(copy, words)).toEqual([]);
  expect(printed.filter((line) => words.some((word) => line.includes(word)))).toEqual([]);
  expect(printed.join("\n"), "there was something to look through").toMatch(/webhook refused/);
  expect(printed.join("\n")).toMatch(/(consumer|relay) failed/);
  // What the file frees it keeps until it is rewritten, as the local server does before it starts: the deleted keys are gone then.
  expect((await foundIn(copy, wrapped)).length).toBeGreaterThan(0);
  await rewriteEngine(copy);
  expect(await foundIn(copy, [...words, ...wrapped])).toEqual([]);
}, 240_000);
