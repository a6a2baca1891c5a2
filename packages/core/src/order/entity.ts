/**
 * An order: seats for somebody, what they cost, and how they are being paid.
 *
 *  1. Its owner, a consumer or a webhook opens it by id.                     byId
 *  2. The sweeper asks which unfinished orders are due, shard by shard.      byDue (sparse: final orders leave it)
 *  3. Whoever manages an event, and reconciliation, list what was sold.      bySale (sparse: orders that were fulfilled)
 *  4. Who bought it lists what they bought; who proves that a guest's contact is theirs finds the guest's.   byBuyer (sparse, as above)
 *
 * `claims` and `limits` say what it holds elsewhere, so that it can be given back. Payment attempts live inside, numbered:
 * they are few, and every decision about one is a decision about the order. Every write is conditioned on the version read.
 * No personal data: the buyer and whoever else holds a ticket are person ids.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { shardNames } from "../db/journal.ts";
import { SERVICE } from "../db/service.ts";
import type { Currency } from "../money.ts";
import type { LimitClaim } from "../limit/index.ts";
import type { Claim } from "../pool/index.ts";
import type { Holders } from "./rules/attendees.ts";
import { OrderStatus, type OrderLine } from "./schema.ts";

/** One entry for each order that is placed: 10,000 in the busiest second. */
export const DUE_SHARDS = shardNames(64);

/** created: asked for, maybe not answered. A declined attempt is not final: another card may follow. */
export type Attempt = { n: number; status: "created" | "processing" | "succeeded" | "cancelled"; intentId?: string; declineCode?: string };

export const Orders = new Entity(
  {
    model: { entity: "order", version: "1", service: SERVICE },
    attributes: {
      orderId: { type: "string", required: true },
      eventId: { type: "string", required: true },
      personId: { type: "string", required: true },
      /** The signed-in buyer; absent for guests, who hold the order's link. */
      userId: { type: "string" },
      status: { type: OrderStatus.options, required: true },
      lines: { type: "any", required: true },
      /** Ticket number → who holds it in the buyer's stead; absent when nobody else was ever named. */
      holders: { type: "any" },
      amount: { type: "number", required: true },
      currency: { type: "string", required: true },
      claims: { type: "any", required: true },
      limits: { type: "any", required: true },
      attempts: { type: "any", required: true },
      whatsappOptIn: { type: "boolean", required: true },
      expiresAt: { type: "string", required: true },
      extended: { type: "boolean", required: true },
      /** Why it is ending: what `release` will make of it. */
      ending: { type: ["expired", "cancelled"] as const },
      dueShard: { type: "string" },
      dueAt: { type: "string" },
      /** When its tickets were issued, and for which event: the index of what was sold. */
      soldAt: { type: "string" },
      soldFor: { type: "string" },
      /** Who bought it: the user, or of a guest the person. */
      soldTo: { type: "string" },
      createdAt: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
      version: { type: "number", required: true },
      auditHash: { type: "string", required: true },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["orderId"], template: "ORDER#${orderId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "ORDER", casing: "none" },
      },
      byDue: {
        index: "gsi1",
        condition: (attributes) => attributes["dueShard"] !== undefined,
        pk: { field: "gsi1pk", composite: ["dueShard"], template: "DUE#${dueShard}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["dueAt"], template: "${dueAt}", casing: "none" },
      },
      bySale: {
        index: "gsi2",
        condition: (attributes) => attributes["soldAt"] !== undefined,
        pk: { field: "gsi2pk", composite: ["soldFor"], template: "SALES#${soldFor}", casing: "none" },
        sk: { field: "gsi2sk", composite: ["soldAt"], template: "${soldAt}", casing: "none" },
      },
      byBuyer: {
        index: "gsi3",
        condition: (attributes) => attributes["soldTo"] !== undefined,
        pk: { field: "gsi3pk", composite: ["soldTo"], template: "BUYER#${soldTo}", casing: "none" },
        sk: { field: "gsi3sk", composite: ["soldAt"], template: "${soldAt}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

type Row = EntityItem<typeof Orders>;
export type OrderRow = Omit<Row, "lines" | "holders" | "claims" | "limits" | "attempts" | "currency"> & {
  lines: OrderLine[];
  holders?: Holders;
  claims: Claim[];
  limits: LimitClaim[];
  attempts: Attempt[];
  currency: Currency;
};
