import { expect, it } from "vitest";
import "../golden.ts";
import { rowAfter, signed, UNSIGNED } from "../../../packages/core/src/db/own-write.ts";
import { copying } from "../../../packages/core/src/copy/index.ts";
import { Orders, type OrderRow } from "../../../packages/core/src/order/entity.ts";
import { changeOf } from "../../../packages/core/src/order/write.ts";
import { issuing, type TicketRow } from "../../../packages/core/src/ticket/entity.ts";

const row: OrderRow = {
  ...{ orderId: "ord_1", eventId: "evt_1", personId: "per_1", status: "held", lines: [], amount: 4500, currency: "EUR", claims: [], limits: [] },
  ...{ attempts: [], whatsappOptIn: false, expiresAt: "t", extended: false, dueShard: "03", dueAt: "t", createdAt: "t" },
  ...{ updatedAt: "t", version: 1, auditHash: "h" },
};
const head = { version: 2, auditHash: UNSIGNED, updatedAt: "t2" };
const sent = (...operations: { params(): Record<string, unknown> }[]) => operations.map((operation) => ({ params: operation.params() }));
const ticket = { orderId: "ord_1", n: 1, ticketId: "tkt_1-1", eventId: "evt_1", ticketTypeId: "tt_1", personId: "per_1", status: "valid" } as const;
const other = () => issuing({ ...ticket, credentialVersion: 1, issuedAt: "t" } satisfies TicketRow);

it("reads off an update what it sets and removes, whatever else is written with it", () => {
  const after = rowAfter(sent(other(), changeOf(row, head, { status: "fulfilled", lines: [] }, ["dueShard", "dueAt"])), row)!;
  const { dueShard: _, dueAt: __, ...kept } = row;
  expect(after).toMatchObject({ ...kept, status: "fulfilled", ...head });
  expect(after).not.toHaveProperty("dueShard");
  expect(after).not.toHaveProperty("dueAt");
});

it("takes a row that is put as it is", () => {
  expect(rowAfter(sent(Orders.create({ ...row, ...head })), {})).toMatchObject({ status: "held", amount: 4500, version: 2 });
});

it("sees that a subject is removed when nothing stores its head", () => {
  expect(rowAfter(sent(other(), Orders.delete({ orderId: "ord_1" })), row)).toBeUndefined();
});

it("signs the subject's own write and the copies of its row, and nothing that only looks like it", () => {
  const writes = sent(
    changeOf(row, head, { status: "fulfilled" }),
    ...copying("TYPE#tt_1", { ...row, ...head, name: UNSIGNED }).map(({ operation }) => operation),
  );
  for (const { params } of writes) signed(params, "the hash");
  const [update, copy] = writes.map(({ params }) => params as any);
  expect(Object.values(update.ExpressionAttributeValues)).toContain("the hash");
  expect(copy.Item.row).toMatchObject({ auditHash: "the hash", name: UNSIGNED });
  expect(JSON.stringify(writes).match(/"unsigned"/g)).toHaveLength(8);
});
