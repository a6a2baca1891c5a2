import { ANYBODY } from "../actor.ts";
import { capability } from "../capability.ts";
import { transact, write } from "../db/transact.ts";
import { digestOf } from "../secret.ts";
import { isoOf } from "../time.ts";
import { DevicePaired } from "./domain-events.ts";
import { Pairings } from "./entity.ts";
import { pairingCodeNotFound } from "./errors.ts";
import { find, findPairing, viewOf } from "./read.ts";
import { statusAt } from "./rules/standing.ts";
import { PairDevice, type PairedDevice } from "./schema.ts";
import { codeHashOf, newDeviceKey } from "./secret.ts";
import { changeOf, subjectOf } from "./write.ts";

/**
 * Whoever brings the code gets the device's key, and the code is used up: of two who bring it one gets it, and the other hears
 * what everybody hears of a code that there never was.
 * @throws device.code_not_found
 */
export const pair = capability("device.pair", { input: PairDevice, allow: ANYBODY }, async ({ code }, { now }): Promise<PairedDevice> => {
  const codeHash = codeHashOf(code);
  const at = isoOf(now);
  const pairing = await findPairing(codeHash);
  const device = pairing && at < pairing.expiresAt ? await find(pairing.deviceId) : undefined;
  if (!device || statusAt(device, at) !== "pairing") throw pairingCodeNotFound();

  const { deviceId, eventId } = device;
  const deviceKey = newDeviceKey(deviceId);
  const change = { pairedAt: at, digest: digestOf(deviceKey) };
  const used = Pairings.remove({ codeHash }).where((row, { eq }) => eq(row.deviceId, deviceId));
  const head = await transact(subjectOf(device), [DevicePaired({ deviceId, eventId })], (head) => [
    changeOf(device, head, change, pairingCodeNotFound),
    write(used, pairingCodeNotFound),
  ]);
  return { device: viewOf({ ...device, ...change, ...head }), deviceKey };
});
