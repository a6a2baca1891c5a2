import { ErasureFinished } from "@fashionistas/core/erasure/domain-events";
import type { UserId } from "@fashionistas/core/id";
import * as User from "@fashionistas/core/user";
import { onDomainEvent } from "../../edge.ts";

/** The user's own row forgets how it found them. */
export const handler = onDomainEvent("close-user", async (envelope) => {
  const { userId } = ErasureFinished.of(envelope);
  if (userId) await User.close({ userId: userId as UserId });
});
