import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetCommand, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import * as DataKey from "@fashionistas/core/data-key";
import { setMemory } from "@fashionistas/core/memory";
import * as Person from "@fashionistas/core/person";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { violations } from "../kit/invariants.ts";
import { openShop, type Shop } from "../kit/shop.ts";
import { startWorld, type World } from "../kit/world.ts";

let world: World;
let shop: Shop;
const keysTable = process.env["KEYS_TABLE_NAME"]!;
const folder = mkdtempSync(join(tmpdir(), "fashionistas-keys-"));

beforeAll(async () => {
  world = await startWorld();
  shop = await openShop(world);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  setMemory(undefined);
  process.env["PERSON_KEY_FILE"] = inject("personKeyFile");
});

const somebody = () => ({ name: "Anna Rossi", email: `anna-${randomUUID()}@example.com`, phone: "+393331234567" });

/** Another process: it remembers nothing of what this one opened. */
function freshProcess(): void {
  const memories = new Map<object, unknown>();
  setMemory(<T>(key: object, make: () => T) => (memories.has(key) ? memories : memories.set(key, make())).get(key) as T);
}

async function bought(buyer = somebody()) {
  const { type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } });
  await shop.buy(type.id, { quantity: 1, buyer });
  return { buyer, personId: Person.personIdOf(buyer) };
}

async function rows(TableName: string): Promise<Record<string, any>[]> {
  return (await world.documents.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? [];
}
const rowOf = async (TableName: string, pk: string, sk: string) =>
  (await world.documents.send(new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true }))).Item!;
const personRow = (personId: string) => rowOf(world.tableName, `PERSON#${personId}`, "PERSON");
const keyRow = (personId: string) => rowOf(keysTable, `KEY#${personId}`, "KEY");
const put = (TableName: string, Item: Record<string, unknown>) => world.documents.send(new PutCommand({ TableName, Item }));

describe("a person's record", () => {
  it("holds their words sealed, keyed hashes to find them by, and when they came; the key lies in the other table", async () => {
    const { buyer, personId } = await bought();
    const row = await personRow(personId);
    expect(
      Object.keys(row)
        .filter((name) => !/^__edb|^pk$|^sk$|^gsi/.test(name))
        .sort(),
    ).toEqual(["createdAt", "emailKey", "personId", "phoneKey", "sealed"]);
    expect(JSON.stringify([row, await keyRow(personId)])).not.toMatch(/Anna|Rossi|333123/i);
    expect(await Person.find(personId)).toMatchObject({ ...buyer, personId, createdAt: row["createdAt"] });
    expect(await Person.listByKeys({ emailKey: Person.emailKeyOf(buyer.email) })).toEqual([personId]);
    expect(await Person.listByKeys({ phoneKey: Person.phoneKeyOf(buyer.phone) })).toContain(personId);
    expect((await rows(world.tableName)).filter(({ __edb_e__ }) => /key/.test(__edb_e__))).toEqual([]);
  });

  it("is readable whoever of two first writers wins", async () => {
    const buyer = somebody();
    const { type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } });
    await Promise.all(Array.from({ length: 4 }, () => shop.buy(type.id, { quantity: 1, buyer })));
    expect(await Person.find(Person.personIdOf(buyer))).toMatchObject(buyer);
    await world.settle();
    expect(await violations(world)).toEqual([]);
  });

  it("does not open when it is moved to somebody else, with or without its key", async () => {
    const [anna, bea] = [await bought(), await bought()];
    const [hers, other, key] = [await personRow(anna.personId), await personRow(bea.personId), await keyRow(bea.personId)];
    await put(world.tableName, { ...other, sealed: hers["sealed"] });
    expect(await Person.find(bea.personId)).toBeUndefined();
    await put(keysTable, { ...key, wrapped: (await keyRow(anna.personId))["wrapped"] });
    expect(await Person.find(bea.personId)).toBeUndefined();
    await put(world.tableName, other);
    await put(keysTable, key);
    expect(await Person.find(bea.personId)).toMatchObject(bea.buyer);
  });
});

describe("the key that wraps the others", () => {
  it("is opened once by a process, whatever it reads", async () => {
    const { personId } = await bought();
    let opened = 0;
    const file = (await import("@fashionistas/integrations/kms")).keyMaster;
    DataKey.setKeyMaster({ make: file.make, open: (sealed) => ((opened += 1), file.open(sealed)) });
    freshProcess();
    await Promise.all(Array.from({ length: 20 }, () => Person.find(personId)));
    await bought();
    DataKey.setKeyMaster(file);
    expect(opened).toBe(1);
  });

  it("of another file opens nothing, writes nothing, and the error says what to do", async () => {
    const { personId } = await bought();
    const path = join(folder, "other.key");
    writeFileSync(path, randomBytes(32));
    process.env["PERSON_KEY_FILE"] = path;
    freshProcess();
    await expect(Person.find(personId)).rejects.toThrow(/PERSON_KEY_FILE .* does not open the personal data of this table: put back/);
    const before = (await rows(keysTable)).length;
    const { type } = await shop.onSale({ kind: "free", basePrice: { amount: 0, currency: "EUR" } });
    const refused = await shop.purchase(type.id, { quantity: 1, buyer: somebody() });
    expect([refused.status, (await rows(keysTable)).length]).toEqual([500, before]);
    writeFileSync(path, "short");
    freshProcess();
    await expect(Person.find(personId)).rejects.toThrow(/must hold 32 bytes, not 5/);
  });

  it("can be turned: what was wrapped before opens, what comes is wrapped with the new version", async () => {
    const before = await bought();
    expect(await DataKey.turn()).toBe(2);
    const after = await bought();
    expect([(await keyRow(before.personId))["kek"], (await keyRow(after.personId))["kek"]]).toEqual([1, 2]);
    freshProcess();
    expect(await Person.findAll([before.personId, after.personId])).toHaveLength(2);
  });
});

describe("KMS", () => {
  const requests: string[] = [];
  /** Answers as the service does: a key and its sealed form, and refuses another context. */
  const kms = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { CiphertextBlob, EncryptionContext, KeyId } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, any>;
    const operation = String(request.headers["x-amz-target"]).split(".")[1]!;
    requests.push(operation);
    const secret = createHash("sha256").update(KeyId).digest();
    const aad = Buffer.from(JSON.stringify(EncryptionContext));
    const answer = (status: number, body: object) => response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
    if (operation === "GenerateDataKey") {
      const [key, nonce] = [randomBytes(32), randomBytes(12)];
      const cipher = createCipheriv("aes-256-gcm", secret, nonce).setAAD(aad);
      const text = Buffer.concat([cipher.update(key), cipher.final()]);
      answer(200, { KeyId, Plaintext: key.toString("base64"), CiphertextBlob: Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64") });
      return;
    }
    const bytes = Buffer.from(CiphertextBlob, "base64");
    try {
      const decipher = createDecipheriv("aes-256-gcm", secret, bytes.subarray(0, 12)).setAAD(aad).setAuthTag(bytes.subarray(12, 28));
      answer(200, { KeyId, Plaintext: Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("base64") });
    } catch {
      answer(400, { __type: "InvalidCiphertextException" });
    }
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => kms.listen(0, "127.0.0.1", resolve));
    process.env["AWS_ENDPOINT_URL_KMS"] = `http://127.0.0.1:${(kms.address() as AddressInfo).port}`;
    process.env["PERSON_KMS_KEY_ID"] = "arn:aws:kms:eu-west-1:000000000000:key/one";
  });
  afterAll(() => {
    kms.closeAllConnections();
    kms.close();
    for (const name of ["AWS_ENDPOINT_URL_KMS", "PERSON_KMS_KEY_ID"]) delete process.env[name];
  });

  it("makes the key when there is none, and is asked once by each process after that", async () => {
    const [ring] = (await rows(keysTable)).filter(({ pk }) => pk === "RING#persons");
    const { DeleteCommand } = await import("@aws-sdk/lib-dynamodb");
    await world.documents.send(new DeleteCommand({ TableName: keysTable, Key: { pk: ring!["pk"], sk: ring!["sk"] } }));
    delete process.env["PERSON_KEY_FILE"];
    freshProcess();
    const { personId, buyer } = await bought();
    expect(requests).toEqual(["GenerateDataKey", "Decrypt"]);
    freshProcess();
    await Promise.all(Array.from({ length: 20 }, () => Person.find(personId)));
    expect(await Person.find(personId)).toMatchObject(buyer);
    expect(requests).toEqual(["GenerateDataKey", "Decrypt", "Decrypt"]);
    process.env["PERSON_KMS_KEY_ID"] = "arn:aws:kms:eu-west-1:000000000000:key/two";
    freshProcess();
    await expect(Person.find(personId)).rejects.toThrow(/key.two does not open the personal data of this table .InvalidCiphertextException/);
    await put(keysTable, ring!);
  });
});
