/**
 * A dispute: a buyer asked their bank for the money back. Our id follows from the provider's, so the same dispute is the
 * same item, however often and by whomever it is told. No personal data: of the evidence only digest, field names and
 * instant are kept, the pack itself is assembled anew each time.
 *
 *  1. A webhook, and who answers a dispute, opens it by id.                          Disputes.byId
 *  2. An organizer lists an event's disputes, open ones and the newest first.        Disputes.byEvent
 *  3. An admin lists all of them, open ones and the newest first.                    Disputes.byState
 *  4. A verb asks what the disputes of an order are and together mean.               OrderDisputes.byOrder
 *
 * Every write of a dispute is conditioned on the version read before the provider was asked. The order's item is written
 * whenever a standing changes, conditioned on its version: two disputes of one order can never decide about its tickets
 * without having seen each other.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { derivedId, type DisputeId } from "../id.ts";
import { DisputeState, Standing } from "./schema.ts";

export const Disputes = new Entity(
  {
    model: { entity: "dispute", version: "1", service: SERVICE },
    attributes: {
      disputeId: { type: "string", required: true },
      providerDisputeId: { type: "string", required: true },
      orderId: { type: "string", required: true },
      eventId: { type: "string", required: true },
      status: { type: "string", required: true },
      standing: { type: Standing.options, required: true },
      state: { type: DisputeState.options, required: true },
      amount: { type: "number", required: true },
      currency: { type: "string", required: true },
      reason: { type: "string", required: true },
      networkReasonCode: { type: "string" },
      evidenceDueAt: { type: "string" },
      submissions: { type: "number", required: true },
      /** How many times it moved money: the rows themselves are in the ledger. */
      movements: { type: "number", required: true },
      /** The evidence that lies at the provider, and how often some was put there. */
      staged: { type: "any" },
      openedAt: { type: "string", required: true },
      createdAt: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
      version: { type: "number", required: true },
      auditHash: { type: "string", required: true },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["disputeId"], template: "DISPUTE#${disputeId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "DISPUTE", casing: "none" },
      },
      byEvent: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: ["eventId"], template: "DISPUTES#${eventId}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["state", "openedAt", "disputeId"], template: "${state}#${openedAt}#${disputeId}", casing: "none" },
      },
      byState: {
        index: "gsi2",
        pk: { field: "gsi2pk", composite: [], template: "DISPUTES", casing: "none" },
        sk: { field: "gsi2sk", composite: ["state", "openedAt", "disputeId"], template: "${state}#${openedAt}#${disputeId}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

export type Staged = { n: number; digest: string; fields: string[]; at: string };
type Row = EntityItem<typeof Disputes>;
export type DisputeRow = Omit<Row, "staged"> & { staged?: Staged };

export const OrderDisputes = new Entity(
  {
    model: { entity: "order-disputes", version: "1", service: SERVICE },
    attributes: {
      orderId: { type: "string", required: true },
      /** Dispute id → its standing. */
      standings: { type: "any", required: true },
      version: { type: "number", required: true },
    },
    indexes: {
      byOrder: {
        pk: { field: "pk", composite: ["orderId"], template: "ORDER#${orderId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "DISPUTES", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
export type OrderDisputesRow = { orderId: string; standings: Record<string, Standing>; version: number };

/** Our id of the provider's dispute. */
export function idOf(providerDisputeId: string): DisputeId {
  return derivedId("dsp", [providerDisputeId]);
}
