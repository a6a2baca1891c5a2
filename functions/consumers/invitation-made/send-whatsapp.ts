import { InvitationMade } from "@fashionistas/core/invitation/domain-events";
import * as Wati from "@fashionistas/integrations/wati";
import { onDomainEvent } from "../../edge.ts";
import "../../personal-data.ts";

/** Brings an invitation to a phone. Those by e-mail are passed on by whoever made them. */
export const handler = onDomainEvent("send-whatsapp", async (envelope) => {
  const { invitationId, via } = InvitationMade.of(envelope);
  if (via === "whatsapp") await Wati.sendInvitation(invitationId);
});
