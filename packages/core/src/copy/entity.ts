/**
 * Rows that a crowd reads. One item answers 3,000 strongly consistent reads a second, and a type in high demand is bought by
 * 10,000 buyers in one; so its row, and its event's, stand in eight copies on partitions of their own. They are written in the
 * transaction that writes the row, so each of them is the row: no cache, nothing to wait for.
 *
 *  1. A buyer in a crowd opens a row.       byCopy
 *
 * Whoever has met such a row once reads a copy from then on, any of them; where there is none (any more), the row itself answers.
 */
import { Entity } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const COPIES = 8;

export const Copies = new Entity(
  {
    model: { entity: "copy", version: "1", service: SERVICE },
    attributes: {
      of: { type: "string", required: true },
      copy: { type: "number", required: true },
      row: { type: "any", required: true },
    },
    indexes: {
      byCopy: {
        pk: { field: "pk", composite: ["of", "copy"], template: "COPY#${of}#${copy}", casing: "none" },
        sk: { field: "sk", composite: [], template: "COPY", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
