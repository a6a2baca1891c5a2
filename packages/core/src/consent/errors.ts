import { defineError } from "../error.ts";

export const noChannel = defineError("consent.no_channel", "conflict", "There is no address to consent for");
