import { expect, it, vi } from "vitest";
import { as } from "../golden.ts";
import { personIn } from "../../../packages/core/src/actor.ts";
import { client } from "../../../packages/core/src/db/client.ts";
import { recording } from "../../../packages/core/src/ledger/entity.ts";
import { sales } from "../../../packages/core/src/report/sales.ts";
import { MAX_READ } from "../../../packages/core/src/report/schema.ts";

const eventId = "evt_01J8Z3K4M5N6P7Q8R9S0T1V2W3";
const event = { eventId, organizerId: "usr_2", offers: [], currency: "EUR", timeZone: "Europe/Rome", __edb_e__: "event", __edb_v__: "1" };
const row = recording({ ...{ orderId: "ord_1", eventId, kind: "charge", reference: "pi_1" }, amount: 1, currency: "EUR", at: "2026-11-02T09:00:00.000Z" });
const { Item } = row.params() as { Item: Record<string, string> };

it("refuses a period with more than one report holds, and reads no further than that", async () => {
  let pages = 0;
  const send = vi.spyOn(client, "send").mockImplementation(async (command: { input: object }): Promise<object> => {
    if ("Key" in command.input) return { Item: event };
    if (!JSON.stringify(command.input).includes("LEDGER#")) return { Items: [] };
    pages += 1;
    const { pk, sk, gsi1pk, gsi1sk } = Item;
    return { Items: Array.from({ length: 100 }, () => Item), LastEvaluatedKey: { pk, sk, gsi1pk, gsi1sk } };
  });
  const asked = as(personIn("admin", "usr_1"), () => sales({ eventId })).finally(() => send.mockRestore());
  await expect(asked).rejects.toMatchObject({ code: "report.too_large", extras: { fields: [{ path: "from" }, { path: "to" }] } });
  expect(pages).toBe(MAX_READ / 100 + 1);
});
