export { getAcceptable, getAnswerable, getSubmittable, nextStaging, recordStaged } from "./answer.ts";
export { assembleEvidence, type EvidencePack } from "./assemble-evidence.ts";
export { idOf, type DisputeRow } from "./entity.ts";
export { disputeNotFound, notOpen } from "./errors.ts";
export { find, get, list, listByOrder, viewOf } from "./read.ts";
export { record } from "./record.ts";
