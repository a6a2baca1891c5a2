import * as Webhook from "@fashionistas/core/webhook";
import * as Wati from "@fashionistas/integrations/wati";
import { onDomainEvent } from "../../edge.ts";

/** Notes how far one of our messages came. */
export const handler = onDomainEvent("process-wati", (envelope) => {
  const { type, facts } = Webhook.WatiReceived.of(envelope);
  const failure = String(facts["failedCode"] ?? "");
  const status = { eventType: type, localMessageId: String(facts["localMessageId"] ?? ""), ...(failure ? { failure } : {}) };
  return Webhook.settle({ webhookId: envelope.aggregate.id, effect: () => Wati.recordStatus(status) });
});
