import { defineError } from "../error.ts";

const notFound = defineError("device.not_found", "missing", "There is no such device");
export const deviceNotFound = () => notFound("GET /devices?eventId= lists those of an event.");
const codeNotFound = defineError("device.code_not_found", "missing", "This code pairs nothing");
/** The same for one that is unknown, was used, or is past its time. */
export const pairingCodeNotFound = () => codeNotFound("Check it, or ask for a new one: a code works once, for ten minutes.");
const keyInvalid = defineError("device.key_invalid", "unauthenticated", "The device key is not valid");
/** The same for one that is malformed, unknown, wrong, revoked, or not in its time. */
export const deviceKeyInvalid = () => keyInvalid("Check X-Device-Key and the device's time, or pair the device anew.");
