export { forgottenByIssuer, subjectToForget } from "./at-issuer.ts";
export { type ErasedPersonRow, type ErasureRow } from "./entity.ts";
export { erasureNotFound } from "./errors.ts";
export { digestOf, proceed } from "./proceed.ts";
export { find, get, listDue, listErased, receiptOf } from "./read.ts";
export { begin, request } from "./request.ts";
