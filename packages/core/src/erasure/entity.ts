/**
 * An erasure: somebody is made unreadable everywhere, and this is the proof of it. A job in slices that any worker takes up where
 * the last one died: each person is one transaction (their key gone, a tombstone in their place, a row of proof, a journal entry),
 * so a repeated slice finds less to do and counts nobody twice.
 *
 *   people     the profile, and everybody with the e-mail or phone that the user proved to be theirs
 *   orders     the buyers of the orders that the user owns, page by page
 *   waiting    a minute later both again: an index is behind, and an order may have been on its way
 *   done       the proof: how many, who as ids, and a digest over it. It names nobody, and how to find them is forgotten
 *
 *  1. A worker, whoever asked, or an admin opens it by id.                   byId
 *  2. The clock asks which must go on, or have stalled.                      byDue (sparse)
 *  3. The proof is made of who was erased.                                   ErasedPeople.byErasure
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { AtIssuer, ErasurePhase, ErasureReason } from "./schema.ts";

const table = { client, table: tableName() };

export const Erasures = new Entity(
  {
    model: { entity: "erasure", version: "1", service: SERVICE },
    attributes: {
      erasureId: { type: "string", required: true },
      /** Whose data it is; absent when people without a user are past their time. */
      userId: { type: "string" },
      reason: { type: ErasureReason.options, required: true },
      /** Kind and id of who asked. */
      askedBy: { type: "any", required: true },
      phase: { type: ErasurePhase.options, required: true },
      step: { type: "number", required: true },
      round: { type: "number", required: true },
      cursor: { type: "string" },
      /** How they are found; removed when it is done. */
      personIds: { type: "any" },
      emailKey: { type: "string" },
      phoneKey: { type: "string" },
      /** What the issuer calls them, sealed with a key of the erasure's own, until the issuer has forgotten them. */
      sealedSubject: { type: "string" },
      atIssuer: { type: AtIssuer.options },
      people: { type: "number" },
      keys: { type: "number" },
      digest: { type: "string" },
      list: { type: "string" },
      dueAt: { type: "string" },
      requestedAt: { type: "string", required: true },
      finishedAt: { type: "string" },
      updatedAt: { type: "string", required: true },
      version: { type: "number", required: true },
      /** Absent until its own journal begins. */
      auditHash: { type: "string" },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["erasureId"], template: "ERASURE#${erasureId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "ERASURE", casing: "none" },
      },
      byDue: {
        index: "gsi1",
        condition: (attributes) => attributes["list"] !== undefined,
        pk: { field: "gsi1pk", composite: ["list"], template: "ERASURES#${list}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["dueAt"], template: "${dueAt}", casing: "none" },
      },
    },
  },
  table,
);

/** One row for each person who was erased, written with it. */
export const ErasedPeople = new Entity(
  {
    model: { entity: "erased-person", version: "1", service: SERVICE },
    attributes: {
      erasureId: { type: "string", required: true },
      personId: { type: "string", required: true },
      /** Was there a key to delete? */
      hadKey: { type: "boolean", required: true },
      at: { type: "string", required: true },
    },
    indexes: {
      byErasure: {
        pk: { field: "pk", composite: ["erasureId"], template: "ERASURE#${erasureId}", casing: "none" },
        sk: { field: "sk", composite: ["personId"], template: "PERSON#${personId}", casing: "none" },
      },
    },
  },
  table,
);

type Row = EntityItem<typeof Erasures>;
export type ErasureRow = Omit<Row, "personIds"> & { personIds?: string[] };
export type ErasedPersonRow = EntityItem<typeof ErasedPeople>;
