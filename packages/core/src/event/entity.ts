/**
 * An event, and the history of its status.
 *
 *  1. Anybody opens an event by id.                                  byId
 *  2. The public lists what is published, by date.                   byVisibility "public"
 *  3. An admin lists all of them, by date.                           byDate
 *  4. An organizer lists their own, by date.                         byOrganizer
 *  5. Who may see the event reads how its status came about.         StatusHistory.byEvent
 *  6. The clock asks which events can still change by themselves.    byVisibility "public", from yesterday's ends on
 *
 * Every write is conditioned on the version that was read. `offers` mirrors the configuration of its ticket types, so that
 * the status needs one read; it holds no counter. `capacities` are here so that a purchase needs no read more.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const Events = new Entity(
  {
    model: { entity: "event", version: "1", service: SERVICE },
    attributes: {
      eventId: { type: "string", required: true },
      organizerId: { type: "string", required: true },
      stage: { type: ["draft", "review", "published", "cancelled"] as const, required: true },
      visibility: { type: ["public", "private"] as const, required: true },
      title: { type: "any", required: true },
      description: { type: "any" },
      startsAt: { type: "string", required: true },
      endsAt: { type: "string", required: true },
      timeZone: { type: "string", required: true },
      venue: { type: "any", required: true },
      capacity: { type: "number", required: true },
      currency: { type: "string", required: true },
      registrationDeadline: { type: "string" },
      refundPolicy: { type: "any" },
      attendeesUntil: { type: "string" },
      seo: { type: "any" },
      offers: { type: "any", required: true },
      /** Is the room itself a pool that every order must claim from, and of how many groups? Decided at publication. */
      capacityBinds: { type: "boolean", required: true },
      capacityGroups: { type: "number", required: true },
      /** Parts of the room that several types share: `SharedCapacity[]`. */
      capacities: { type: "any", required: true },
      publishedAt: { type: "string" },
      recordedStatus: { type: "string", required: true },
      recordedAt: { type: "string", required: true },
      createdAt: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
      version: { type: "number", required: true },
      auditHash: { type: "string", required: true },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["eventId"], template: "EVENT#${eventId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "EVENT", casing: "none" },
      },
      byVisibility: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: ["visibility"], template: "EVENTS#${visibility}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["startsAt", "eventId"], template: "${startsAt}#${eventId}", casing: "none" },
      },
      byDate: {
        index: "gsi2",
        pk: { field: "gsi2pk", composite: [], template: "EVENTS", casing: "none" },
        sk: { field: "gsi2sk", composite: ["startsAt", "eventId"], template: "${startsAt}#${eventId}", casing: "none" },
      },
      byOrganizer: {
        index: "gsi3",
        pk: { field: "gsi3pk", composite: ["organizerId"], template: "ORGANIZER#${organizerId}", casing: "none" },
        sk: { field: "gsi3sk", composite: ["startsAt", "eventId"], template: "${startsAt}#${eventId}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
/** Room for the rows of one change between those of the versions before and after. */
export const ROWS_PER_VERSION = 100;

export type EventRow = EntityItem<typeof Events>;

export const StatusHistory = new Entity(
  {
    model: { entity: "event-status", version: "1", service: SERVICE },
    attributes: {
      eventId: { type: "string", required: true },
      at: { type: "string", required: true },
      from: { type: "string" },
      to: { type: "string", required: true },
      /** Order of rows of one instant. */
      n: { type: "number", required: true, padding: { length: 6, char: "0" } },
      reason: { type: "string" },
      by: { type: "any", required: true },
    },
    indexes: {
      byEvent: {
        pk: { field: "pk", composite: ["eventId"], template: "EVENT#${eventId}", casing: "none" },
        sk: { field: "sk", composite: ["at", "n"], template: "STATUS#${at}#${n}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
