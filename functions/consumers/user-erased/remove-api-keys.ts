import * as ApiKey from "@fashionistas/core/api-key";
import type { UserId } from "@fashionistas/core/id";
import { UserErased } from "@fashionistas/core/user/domain-events";
import { onDomainEvent } from "../../edge.ts";

/** The keys of whoever is forgotten go, with the names they gave them. */
export const handler = onDomainEvent("remove-api-keys", (envelope) => ApiKey.removeAllOf({ ownerId: UserErased.of(envelope).userId as UserId }));
