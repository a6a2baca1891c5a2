import { type Actor, TEAM } from "../actor.ts";
import { capability } from "../capability.ts";
import { now } from "../context.ts";
import { ignoreRefusal, isConflict } from "../db/transact.ts";
import * as Event from "../event/index.ts";
import { pageOf } from "../page.ts";
import { retry } from "../retry.ts";
import { isDigest } from "../secret.ts";
import { isoOf, MINUTE_MS, msOf } from "../time.ts";
import { Devices, Pairings, type DeviceRow, type PairingRow } from "./entity.ts";
import { deviceNotFound } from "./errors.ts";
import { isOpenAt, statusAt } from "./rules/standing.ts";
import { ADevice, ListDevices, type DeviceView } from "./schema.ts";

const SEEN_EVERY_MS = 15 * MINUTE_MS;

/** The row of a device, or undefined. Strongly consistent. */
export async function find(deviceId: string): Promise<DeviceRow | undefined> {
  const { data } = await Devices.get({ deviceId }).go({ consistent: true });
  return data ?? undefined;
}

/** What a code with this hash pairs, or undefined. Strongly consistent. */
export async function findPairing(codeHash: string): Promise<PairingRow | undefined> {
  const { data } = await Pairings.get({ codeHash }).go({ consistent: true });
  return data ?? undefined;
}

/** A device of an event that this actor manages. @throws device.not_found, for a foreign one too */
export async function managedBy(actor: Actor, deviceId: string): Promise<DeviceRow> {
  const device = await find(deviceId);
  const event = await Event.findOf(device);
  if (!device || !event || !Event.manages(actor, event)) throw deviceNotFound();
  return device;
}

/** One device, for whoever manages its event. @throws device.not_found */
export const get = capability("device.get", { input: ADevice, allow: TEAM, needs: "devices:read" }, async ({ deviceId }, { actor }) =>
  viewOf(await managedBy(actor, deviceId)),
);

/** The devices of an event, oldest first, for whoever manages it. @throws event.not_found */
export const list = capability("device.list", { input: ListDevices, allow: TEAM, needs: "devices:read" }, async ({ eventId, ...page }, { actor }) => {
  await Event.managedBy(actor, eventId);
  return pageOf(Devices.query.byEvent({ eventId }), page, ["devices", eventId], viewOf);
});

/** Does the key with this digest open the device at this instant? The same work whether there is such a device or not. */
export function opens(device: DeviceRow | undefined, digest: string, atMs: number): device is DeviceRow {
  const isItsKey = isDigest(digest, device?.digest);
  return isItsKey && device !== undefined && isOpenAt(device, isoOf(atMs));
}

/** Notes that a device is there, every quarter of an hour. */
export async function noteUse({ deviceId, lastSeenAt }: DeviceRow, now: number): Promise<void> {
  if (lastSeenAt !== undefined && now - msOf(lastSeenAt) < SEEN_EVERY_MS) return;
  const patch = Devices.patch({ deviceId }).set({ lastSeenAt: isoOf(now) });
  await retry({ attempts: 4, baseMs: 5, capMs: 50, again: isConflict }, () => patch.go()).catch(ignoreRefusal);
}

/** The face of a device. */
export function viewOf(device: DeviceRow): DeviceView {
  const { deviceId, eventId, name, checkInListIds, validUntil, createdAt, updatedAt, version } = device;
  const { validFrom = null, pairedAt = null, lastSeenAt = null, revokedAt = null } = device;
  return {
    ...{ id: deviceId, eventId, name, status: statusAt(device, isoOf(now())), checkInListIds, validFrom, validUntil },
    ...{ pairedAt, lastSeenAt, revokedAt, createdAt, updatedAt, version },
  };
}
