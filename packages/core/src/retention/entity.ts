/**
 * Where the walk through all keys of personal data has come to: a run takes up where the last one stopped.
 *
 *  1. A run takes up the walk, and notes how far it came.      byName
 */
import { Entity } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const Walks = new Entity(
  {
    model: { entity: "retention-walk", version: "1", service: SERVICE },
    attributes: {
      name: { type: "string", required: true },
      /** Of the next page; absent when the next run begins anew. */
      cursor: { type: "string" },
      updatedAt: { type: "string", required: true },
    },
    indexes: {
      byName: {
        pk: { field: "pk", composite: ["name"], template: "RETENTION#${name}", casing: "none" },
        sk: { field: "sk", composite: [], template: "WALK", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
