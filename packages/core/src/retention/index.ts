export { review } from "./review.ts";
export { dueAs, mayBeEnquirer } from "./rules/due.ts";
