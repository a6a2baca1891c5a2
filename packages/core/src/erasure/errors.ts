import { defineError } from "../error.ts";

const notFound = defineError("erasure.not_found", "missing", "Erasure not found");
export const erasureNotFound = () => notFound("There is no such erasure.");
