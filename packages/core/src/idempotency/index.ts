export { once, type RepeatableCall } from "./once.ts";
