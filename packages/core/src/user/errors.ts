import { defineError } from "../error.ts";

const notFound = defineError("user.not_found", "missing", "There is no such user");
export const userNotFound = () => notFound("Check the id, or find them by their e-mail or phone.");
export const lastAdmin = defineError("user.last_admin", "conflict", "This is the last admin");
export const notActive = defineError("user.not_active", "conflict", "The user is not active");
export const suspended = defineError("user.suspended", "forbidden", "Your account is suspended");
