import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const data = z.object({ eventId: z.string(), step: z.int() });

export const CancellationStarted = defineDomainEvent("cancellation.started", 1, data);
export const CancellationContinued = defineDomainEvent("cancellation.continued", 1, data);
export const CancellationFinished = defineDomainEvent("cancellation.finished", 1, data);
