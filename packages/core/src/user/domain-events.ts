import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const data = z.object({ userId: z.string() });

export const UserAppeared = defineDomainEvent("user.appeared", 1, data);
/** The issuer vouches for an e-mail or phone number that it did not vouch for before. */
export const UserContactVerified = defineDomainEvent("user.contact_verified", 1, data);
export const UserProfileChanged = defineDomainEvent("user.profile_changed", 1, data);
export const UserRoleChanged = defineDomainEvent("user.role_changed", 1, z.object({ ...data.shape, from: z.string(), to: z.string() }));
export const UserSuspended = defineDomainEvent("user.suspended", 1, data);
export const UserReinstated = defineDomainEvent("user.reinstated", 1, data);
export const UserErased = defineDomainEvent("user.erased", 1, data);
