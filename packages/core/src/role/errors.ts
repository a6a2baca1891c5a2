import { defineError } from "../error.ts";

export const roleFixed = defineError("role.fixed", "conflict", "This role cannot be changed");
const notFound = defineError("role.not_found", "missing", "There is no such role");
export const roleNotFound = () => notFound("GET /roles lists the six.");
