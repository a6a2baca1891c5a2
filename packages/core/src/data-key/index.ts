export { forgetting, isKept, keysOf, making, pageOfKeys, type KeptKey } from "./keys.ts";
export { setKeyMaster, turn, type KeyMaster } from "./ring.ts";
export { seal, unseal } from "./seal.ts";
