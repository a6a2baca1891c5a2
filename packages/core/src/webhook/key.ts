import { shardNames, shardOf } from "../db/journal.ts";
import { dayOf } from "../time.ts";
import { Vendor } from "./schema.ts";

const SHARDS = 4;

/** The shards of a day. */
export const INBOX_SHARDS = shardNames(SHARDS);

/** The day of events to which their vendor gives no instant. */
export const UNDATED = "undated";

export type WebhookKey = { vendor: Vendor; day: string; shard: string; externalId: string };

/** Where an event lies: from what is the same in every delivery of it. */
export function keyOf({ vendor, externalId, occurredAt }: { vendor: Vendor; externalId: string; occurredAt?: string | undefined }): WebhookKey {
  return keyOn(vendor, occurredAt ? dayOf(occurredAt) : UNDATED, externalId);
}

export function keyOn(vendor: Vendor, day: string, externalId: string): WebhookKey {
  return { vendor, day, shard: shardOf(externalId, SHARDS), externalId };
}

/** `stripe:2026-11-02:evt_1PqV` */
export function idOf({ vendor, day, externalId }: Omit<WebhookKey, "shard">): string {
  return `${vendor}:${day}:${externalId}`;
}

/** The key that an id stands for, or undefined. A vendor's id may itself contain colons. */
export function keyOfId(id: string): WebhookKey | undefined {
  const [, vendor, day, externalId] = /^([a-z]+):(\d{4}-\d\d-\d\d|undated):(.{1,300})$/.exec(id) ?? [];
  const known = Vendor.safeParse(vendor);
  return known.success && day && externalId ? keyOn(known.data, day, externalId) : undefined;
}
