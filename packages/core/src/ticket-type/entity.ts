/**
 * What an event sells. Its stock is a pool of its own id (`pool/entity.ts`); no counter is kept here.
 *
 *  1. A buyer opens a ticket type by id.                       byId
 *  2. Anybody lists the types of an event, oldest first.       byEvent
 *
 * Every write is conditioned on the version that was read, and changes the event's `offers` in the same transaction.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import type { Pool } from "../pool/index.ts";
import type { Phase } from "./rules/phase.ts";

export const TicketTypes = new Entity(
  {
    model: { entity: "ticket-type", version: "1", service: SERVICE },
    attributes: {
      ticketTypeId: { type: "string", required: true },
      eventId: { type: "string", required: true },
      name: { type: "any", required: true },
      description: { type: "any" },
      kind: { type: ["paid", "free", "donation"] as const, required: true },
      basePrice: { type: "any", required: true },
      /** Prices before the base price: `Phase[]` (`rules/phase.ts`); the quota of each is a pool of its id. */
      phases: { type: "any" },
      groupDiscount: { type: "any" },
      minimumPrice: { type: "any" },
      maximumPrice: { type: "any" },
      /** Absent: unlimited. */
      quantityTotal: { type: "number" },
      groups: { type: "number", required: true },
      salesStartAt: { type: "string" },
      salesEndAt: { type: "string" },
      minPerOrder: { type: "number", required: true },
      maxPerOrder: { type: "number", required: true },
      maxPerBuyer: { type: "number" },
      highDemand: { type: "boolean", required: true },
      isActive: { type: "boolean", required: true },
      createdAt: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
      version: { type: "number", required: true },
      auditHash: { type: "string", required: true },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["ticketTypeId"], template: "TYPE#${ticketTypeId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "TYPE", casing: "none" },
      },
      byEvent: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: ["eventId"], template: "TYPES#${eventId}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["createdAt", "ticketTypeId"], template: "${createdAt}#${ticketTypeId}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
export type TicketTypeRow = EntityItem<typeof TicketTypes>;

/** The quota of a price phase as a pool; undefined when it has none. */
export function quotaOf({ phaseId, groups, quantity }: Phase, eventId: string): Pool | undefined {
  return quantity === undefined ? undefined : { poolId: phaseId, eventId, groups, seats: quantity };
}

/** The price phases of a type. */
export function phasesOf({ phases }: Pick<TicketTypeRow, "phases">): Phase[] {
  return (phases as Phase[] | undefined) ?? [];
}

/** The pool of a type's stock; undefined when it is unlimited. */
export function poolOf({
  ticketTypeId,
  eventId,
  groups,
  quantityTotal,
}: Pick<TicketTypeRow, "ticketTypeId" | "eventId" | "groups" | "quantityTotal">): Pool | undefined {
  return quantityTotal === undefined ? undefined : { poolId: ticketTypeId, eventId, groups, seats: quantityTotal };
}

/** The pools that a type has for itself: its stock, and the quotas of its phases. */
export function ownPoolsOf(type: TicketTypeRow): Pool[] {
  return [poolOf(type), ...phasesOf(type).map((phase) => quotaOf(phase, type.eventId))].filter((pool) => pool !== undefined);
}
