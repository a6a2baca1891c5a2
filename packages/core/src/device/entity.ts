/**
 * A check-in device: the phone or scanner at a door. It is paired once, by a code that somebody of the team reads to it, and then
 * has a key of its own, good for one event, its check-in lists and its time.
 *
 *  1. Every call that brings a device's key opens it by its public part.                            byId
 *  2. Whoever manages an event lists its devices, oldest first.                                     byEvent
 *  3. A device that is to be paired brings a code; of two that bring it one is paired.              Pairings.byCode: present
 *
 * Kept for 90 days after its time, so that the team can still see what it was.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";

const table = { client, table: tableName() };

export const Devices = new Entity(
  {
    model: { entity: "device", version: "1", service: SERVICE },
    attributes: {
      deviceId: { type: "string", required: true },
      eventId: { type: "string", required: true },
      name: { type: "string", required: true },
      /** All lists of the event when there are none. */
      checkInListIds: { type: "list", items: { type: "string" }, required: true },
      validFrom: { type: "string" },
      validUntil: { type: "string", required: true },
      /** Of the pairing code, which can be made again with it and the stage's key (`secret.ts`). */
      seed: { type: "string", required: true },
      codeUntil: { type: "string", required: true },
      pairedAt: { type: "string" },
      /** Of the key that the device got. */
      digest: { type: "string" },
      lastSeenAt: { type: "string" },
      revokedAt: { type: "string" },
      createdAt: { type: "string", required: true },
      updatedAt: { type: "string", required: true },
      version: { type: "number", required: true },
      auditHash: { type: "string", required: true },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byId: {
        pk: { field: "pk", composite: ["deviceId"], template: "DEVICE#${deviceId}", casing: "none" },
        sk: { field: "sk", composite: [], template: "DEVICE", casing: "none" },
      },
      byEvent: {
        index: "gsi1",
        pk: { field: "gsi1pk", composite: ["eventId"], template: "DEVICES#${eventId}", casing: "none" },
        sk: { field: "gsi1sk", composite: ["createdAt", "deviceId"], template: "${createdAt}#${deviceId}", casing: "none" },
      },
    },
  },
  table,
);

/** A code that was given out and not used: one item by its keyed hash, gone once a device was paired with it. */
export const Pairings = new Entity(
  {
    model: { entity: "pairing", version: "1", service: SERVICE },
    attributes: {
      codeHash: { type: "string", required: true },
      deviceId: { type: "string", required: true },
      expiresAt: { type: "string", required: true },
      ttl: { type: "number", required: true },
    },
    indexes: {
      byCode: {
        pk: { field: "pk", composite: ["codeHash"], template: "PAIRING#${codeHash}", casing: "none" },
        sk: { field: "sk", composite: [], template: "PAIRING", casing: "none" },
      },
    },
  },
  table,
);

export type DeviceRow = EntityItem<typeof Devices>;
export type PairingRow = EntityItem<typeof Pairings>;
