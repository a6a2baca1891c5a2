/**
 * How many of something one person has taken: `LIMIT#<scope>#<key>`, counted upwards. The limit itself is read from the
 * ticket type at claim time. Each order counts once, however often it is repeated.
 *
 *  1. An order takes its share.              byKey: absent, else taken ≤ limit − q, claim absent
 *  2. An order that ended gives it back.     byKey: claim present and not kept
 *  3. A quote asks how many are taken.       byKey
 *  4. An order paid while, or after, it ended keeps its share.        byKey: claim present, else absent: counted again
 *  5. An order that never has tickets any more has no share for ever.  byKey: claim present, else absent: barred
 *
 * Whoever ends an order may be stopped on the way, and go on when its money has come after all. A kept share is out of their
 * reach, as a sold seat is; it is kept at nothing when its order can never have tickets, so that nobody counts it again.
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
      /** Order id → a `StandingShare`. Not required: entries are removed. */
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
/** `q` are counted, until `e` (epoch seconds) even without an order behind them; `k`: kept, whoever still ends the order. */
export type StandingShare = { q: number; e: number; k?: true };
