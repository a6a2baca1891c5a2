import * as Erasure from "@fashionistas/core/erasure";
import { ErasureContinued, ErasureRequested } from "@fashionistas/core/erasure/domain-events";
import type { ErasureId } from "@fashionistas/core/id";
import { onDomainEvent } from "../../edge.ts";
import "../../personal-data.ts";

/** One slice of the people of an erasure. */
export const handler = onDomainEvent("erase-people", (envelope) => {
  const { erasureId, step } = (envelope.type === ErasureRequested.type ? ErasureRequested : ErasureContinued).of(envelope);
  return Erasure.proceed({ erasureId: erasureId as ErasureId, step });
});
