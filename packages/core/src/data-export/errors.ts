import { defineError } from "../error.ts";

const notFound = defineError("data_export.not_found", "missing", "There is no export");
export const exportNotFound = () => notFound("Ask for one with POST /me/export; it is kept for a week.");
export const notReady = defineError("data_export.not_ready", "conflict", "The export is still being collected");
