import * as Webhook from "@fashionistas/core/webhook";
import * as Wati from "@fashionistas/integrations/wati";
import { onDomainEvent } from "../../edge.ts";

/** Notes how far one of our messages came, or that somebody wrote that they want no more. */
export const handler = onDomainEvent("process-wati", (envelope) => {
  const { type, facts } = Webhook.WatiReceived.of(envelope);
  const failure = String(facts["failedCode"] ?? "");
  const status = { eventType: type, localMessageId: String(facts["localMessageId"] ?? ""), ...(failure ? { failure } : {}) };
  const word = { state: String(facts["consent"] ?? ""), phoneKey: String(facts["phoneKey"] ?? ""), at: String(facts["saidAt"] || envelope.occurredAt) };
  return Webhook.settle({ webhookId: envelope.aggregate.id, effect: () => (word.state ? Wati.recordWord(word) : Wati.recordStatus(status)) });
});
