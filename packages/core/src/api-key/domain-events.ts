import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const data = z.object({ apiKeyId: z.string(), ownerId: z.string() });

export const ApiKeyCreated = defineDomainEvent("api_key.created", 1, data);
export const ApiKeyRotated = defineDomainEvent("api_key.rotated", 1, data.extend({ generation: z.int() }));
export const ApiKeyRevoked = defineDomainEvent("api_key.revoked", 1, data);
