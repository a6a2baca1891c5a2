/**
 * Open pages and what they watch.
 *
 *  1. A page asks for a ticket and connects with it, once, within 30 seconds.       RealtimeTickets.byTicket
 *  2. A connection sends a message: is it within its 100 a minute?                   Connections.byId
 *  3. A page subscribes to an event and leaves again.                                Subscriptions.byEvent
 *  4. A tick asks who watches an event, shard by shard.                              Subscriptions.byEvent
 *  5. A change asks to open an event's tick; its holder takes the next number.       Ticks.byEvent
 *  6. A session ends: which connections were opened in it?                           UserConnections.byUser
 *
 * Who signed in has a row of their own beside the connection, so that its messages are counted without an index.
 * Everything here ends by itself (TTL): connections live for two hours at most.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

export const SUBSCRIPTION_SHARDS = 8;

const table = { client, table: tableName() };
const model = (entity: string) => ({ entity, version: "1", service: SERVICE });

export const RealtimeTickets = new Entity(
  {
    model: model("realtime-ticket"),
    attributes: {
      ticketHash: { type: "string", required: true },
      channel: { type: "string", required: true },
      userId: { type: "string" },
      sessionId: { type: "string" },
      expiresAt: { type: "string", required: true },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byTicket: {
        pk: { field: "pk", composite: ["ticketHash"], template: "REALTIME#${ticketHash}", casing: "none" },
        sk: { field: "sk", composite: [], template: "TICKET", casing: "none" },
      },
    },
  },
  table,
);

export const Connections = new Entity(
  {
    model: model("connection"),
    attributes: {
      connectionId: { type: "string", required: true },
      channel: { type: "string", required: true },
      userId: { type: "string" },
      eventIds: { type: "set", items: "string" },
      minute: { type: "number", required: true },
      messages: { type: "number", required: true },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["connectionId"], template: "CONNECTION#${connectionId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "CONNECTION", casing: "none" },
      },
    },
  },
  table,
);

export const UserConnections = new Entity(
  {
    model: model("user-connection"),
    attributes: {
      userId: { type: "string", required: true },
      connectionId: { type: "string", required: true },
      sessionId: { type: "string", required: true },
      openedAt: { type: "string", required: true },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byUser: {
        pk: { field: "pk", composite: ["userId"], template: "CONNECTIONS#${userId}", casing: "none" },
        sk: { field: "sk", composite: ["connectionId"], template: "${connectionId}", casing: "none" },
      },
    },
  },
  table,
);

export const Subscriptions = new Entity(
  {
    model: model("subscription"),
    attributes: {
      eventId: { type: "string", required: true },
      shard: { type: "string", required: true },
      connectionId: { type: "string", required: true },
      channel: { type: "string", required: true },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byEvent: {
        pk: { field: "pk", composite: ["eventId", "shard"], template: "WATCHERS#${eventId}#${shard}", casing: "none" },
        sk: { field: "sk", composite: ["connectionId"], template: "${connectionId}", casing: "none" },
      },
    },
  },
  table,
);

export const Ticks = new Entity(
  {
    model: model("tick"),
    attributes: {
      eventId: { type: "string", required: true },
      /** Epoch ms at which the tick ends and its holder reads. */
      endsAt: { type: "number" },
      sequence: { type: "number" },
      statusSequence: { type: "number" },
      /** What was posted last: ticket type → seats. */
      posted: { type: "any" },
      status: { type: "string" },
    },
    indexes: {
      byEvent: {
        pk: { field: "pk", composite: ["eventId"], template: "TICK#${eventId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "TICK", casing: "none" },
      },
    },
  },
  table,
);
export type SubscriptionRow = EntityItem<typeof Subscriptions>;
