import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";
import { Facts } from "./schema.ts";

const data = z.object({ externalId: z.string(), type: z.string(), facts: Facts });

export const StripeReceived = defineDomainEvent("webhook.stripe_received", 1, data);
export const WatiReceived = defineDomainEvent("webhook.wati_received", 1, data);
