import * as Grant from "@fashionistas/core/grant";
import type { UserId } from "@fashionistas/core/id";
import { UserErased } from "@fashionistas/core/user/domain-events";
import { onDomainEvent } from "../../edge.ts";

/** Whoever begins anew under the same sign-in begins with nothing. */
export const handler = onDomainEvent("take-grants", async (envelope) => {
  const { userId } = UserErased.of(envelope);
  await Grant.takeAll({ userId: userId as UserId, givenBefore: envelope.occurredAt });
});
