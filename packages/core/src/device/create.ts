import { capability } from "../capability.ts";
import { now } from "../context.ts";
import { created } from "../db/journal.ts";
import { transact, write } from "../db/transact.ts";
import { inputInvalid, isChangedMeanwhile } from "../error.ts";
import * as Event from "../event/index.ts";
import { newSecret } from "../secret.ts";
import { DAY_MS, isoOf, MINUTE_MS, msOf, secondsOf } from "../time.ts";
import { DeviceCreated } from "./domain-events.ts";
import { Devices, Pairings, type DeviceRow } from "./entity.ts";
import { find, viewOf } from "./read.ts";
import { statusAt } from "./rules/standing.ts";
import { CreateDevice, type Pairing } from "./schema.ts";
import { codeHashOf, pairingCodeOf } from "./secret.ts";
import { ttlAfter } from "./write.ts";

const CODE_MINUTES = 10;

/**
 * Makes a device of an event, and the code by which it is paired: once, within ten minutes. People only: what a key makes would
 * outlive the key. With an id that was used already, the standing device is the answer.
 * @throws event.not_found, input.invalid
 */
export const create = capability(
  "device.create",
  { input: CreateDevice, allow: ["organizer", "admin"], needs: "devices:write" },
  async ({ deviceId, eventId, name, checkInListIds, validFrom, validUntil: asked }, { actor, now }): Promise<Pairing> => {
    const event = await Event.managedBy(actor, eventId);
    const at = isoOf(now);
    const validUntil = asked ?? isoOf(Math.max(now, msOf(event.endsAt)) + DAY_MS);
    if (validUntil <= at || validUntil <= (validFrom ?? at))
      throw inputInvalid("Check validUntil: see errors for what it should be.", {
        fields: [{ path: "validUntil", message: "Must be later than now and validFrom." }],
      });
    const codeUntil = isoOf(now + CODE_MINUTES * MINUTE_MS);
    const row = {
      ...{ deviceId, eventId, name, checkInListIds, ...(validFrom ? { validFrom } : {}), validUntil },
      ...{ seed: newSecret(), codeUntil, createdAt: at, ttl: ttlAfter(validUntil) },
    };
    // A code that another device still waits with is not given out twice: the call is refused, and may be repeated.
    const pairing = Pairings.put({ codeHash: codeHashOf(pairingCodeOf(row)), deviceId, expiresAt: codeUntil, ttl: secondsOf(msOf(codeUntil)) });
    try {
      const head = await transact(created("device", deviceId), [DeviceCreated({ deviceId, eventId })], (head) => [
        write(Devices.create({ ...row, ...head })),
        write(pairing.where(({ expiresAt }, { notExists, lte }) => `(${notExists(expiresAt)} OR ${lte(expiresAt, at)})`)),
      ]);
      return pairingOf({ ...row, ...head });
    } catch (error) {
      const standing = isChangedMeanwhile(error) ? await find(deviceId) : undefined;
      if (standing) return pairingOf(standing);
      throw error;
    }
  },
);

/** What making this device was answered with; its code as long as that can be used. Undefined when it was not made. */
export async function createdAs(deviceId: string): Promise<Pairing | undefined> {
  const device = await find(deviceId);
  return device && pairingOf(device);
}

function pairingOf(device: DeviceRow): Pairing {
  const waits = statusAt(device, isoOf(now())) === "pairing";
  return { device: viewOf(device), pairingCode: waits ? pairingCodeOf(device) : null, expiresAt: device.codeUntil };
}
