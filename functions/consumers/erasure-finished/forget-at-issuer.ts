import * as Erasure from "@fashionistas/core/erasure";
import { ErasureFinished } from "@fashionistas/core/erasure/domain-events";
import type { ErasureId } from "@fashionistas/core/id";
import { forgetUser } from "@fashionistas/integrations/cognito";
import { onDomainEvent } from "../../edge.ts";
import "../../personal-data.ts";

/** Whoever signs them in forgets them, too: last, so that nobody works on the erasure at the same time. */
export const handler = onDomainEvent("forget-at-issuer", async (envelope) => {
  const erasureId = ErasureFinished.of(envelope).erasureId as ErasureId;
  const subject = await Erasure.subjectToForget({ erasureId });
  if (subject !== undefined) await Erasure.forgottenByIssuer({ erasureId, forgotten: await forgetUser(subject) });
});
