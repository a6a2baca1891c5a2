import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const data = z.object({ erasureId: z.string(), step: z.int() });

export const ErasureRequested = defineDomainEvent("erasure.requested", 1, data);
export const ErasureContinued = defineDomainEvent("erasure.continued", 1, data);
export const ErasureFinished = defineDomainEvent("erasure.finished", 1, z.object({ erasureId: z.string(), userId: z.string().optional(), people: z.int() }));
