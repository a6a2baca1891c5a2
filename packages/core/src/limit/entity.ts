/**
 * How many of something one person has taken: `LIMIT#<scope>#<key>`, counted upwards. The limit itself is read from the
 * ticket type at claim time. Each order counts once, however often it is repeated.
 *
 *  1. An order takes its share.              byKey: absent, else taken ≤ limit − q, claim absent
 *  2. An order that ended gives it back.     byKey: claim present
 *  3. A quote asks how many are taken.       byKey
 */
import { Entity } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const Limits = new Entity(
  {
    model: { entity: "limit", version: "1", service: SERVICE },
    attributes: {
      scope: { type: "string", required: true },
      key: { type: "string", required: true },
      taken: { type: "number", required: true },
      /** Order id → how many and until when (epoch seconds) they count without an order behind them. Not required: entries are removed. */
      claims: { type: "any" },
    },
    indexes: {
      byKey: {
        pk: { field: "pk", composite: ["scope", "key"], template: "LIMIT#${scope}#${key}", casing: "none" },
        sk: { field: "sk", composite: [], template: "LIMIT", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);

/** A share of a limit: what an order records, so that it can be given back. */
export type LimitClaim = { scope: string; key: string; q: number };
export type StandingShare = { q: number; e: number };
