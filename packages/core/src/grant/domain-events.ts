import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const grant = z.object({ userId: z.string(), role: z.string(), scopeType: z.string(), scopeId: z.string() });

/** Given, or given until another time. */
export const GrantGiven = defineDomainEvent("grant.given", 1, z.object({ ...grant.shape, expiresAt: z.string().optional() }));
export const GrantTaken = defineDomainEvent("grant.taken", 1, grant);
