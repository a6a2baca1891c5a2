export { admitDevice } from "./admit-device.ts";
export { admitKey } from "./admit-key.ts";
export { signIn, type Identity } from "./sign-in.ts";
