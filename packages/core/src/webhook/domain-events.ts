import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const data = z.object({ externalId: z.string(), type: z.string(), facts: z.record(z.string(), z.unknown()) });

export const StripeReceived = defineDomainEvent("webhook.stripe_received", 1, data);
export const WatiReceived = defineDomainEvent("webhook.wati_received", 1, data);
