import { defineError } from "../error.ts";

export const tooMany = defineError("request.too_many", "too_many", "Too many calls");
