import { OrderUnfulfillable } from "@fashionistas/core/order/domain-events";
import * as Wati from "@fashionistas/integrations/wati";
import { onDomainEvent } from "../../edge.ts";
import "../../personal-data.ts";

/** Tells a buyer whose payment came too late that it goes back. */
export const handler = onDomainEvent("send-regret", (envelope) => Wati.sendRegret(OrderUnfulfillable.of(envelope).orderId));
