/**
 * How the price of a ticket type came about: append-only rows in the type's partition, each written in the transaction that
 * changed the price. Nothing
 * is decided by them.
 *
 *  1. The team reads the prices of a type, newest first.              byType
 *
 * `n` is the version of the type that has the new price: a version has at most one row.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { PriceChangeReason } from "./schema.ts";

export const PriceChanges = new Entity(
  {
    model: { entity: "price-change", version: "1", service: SERVICE },
    attributes: {
      ticketTypeId: { type: "string", required: true },
      at: { type: "string", required: true },
      n: { type: "number", required: true, padding: { length: 8, char: "0" } },
      eventId: { type: "string", required: true },
      /** Absent: there was no price before. */
      from: { type: "any" },
      to: { type: "any", required: true },
      reason: { type: PriceChangeReason.options, required: true },
      by: { type: "any", required: true },
    },
    indexes: {
      byType: {
        pk: { field: "pk", composite: ["ticketTypeId"], template: "TYPE#${ticketTypeId}", casing: "none" },
        sk: { field: "sk", composite: ["at", "n"], template: "PRICE#${at}#${n}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
export type PriceChangeRow = EntityItem<typeof PriceChanges>;
