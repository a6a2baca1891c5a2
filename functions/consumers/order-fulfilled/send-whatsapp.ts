import { OrderFulfilled } from "@fashionistas/core/order/domain-events";
import * as Wati from "@fashionistas/integrations/wati";
import { onDomainEvent } from "../../edge.ts";
import "../../personal-data.ts";

/** Tells the buyer on WhatsApp that the tickets are theirs. */
export const handler = onDomainEvent("send-whatsapp", async (envelope) => {
  const { orderId, whatsappOptIn } = OrderFulfilled.of(envelope);
  if (whatsappOptIn) await Wati.sendConfirmation(orderId);
});
