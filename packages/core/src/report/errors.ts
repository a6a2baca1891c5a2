import { defineError } from "../error.ts";

export const tooLarge = defineError("report.too_large", "unprocessable", "That is more than one report holds");
