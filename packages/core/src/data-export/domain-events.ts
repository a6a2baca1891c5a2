import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

const data = z.object({ dataExportId: z.string(), userId: z.string(), n: z.int(), step: z.int() });

export const DataExportRequested = defineDomainEvent("data_export.requested", 1, data);
export const DataExportContinued = defineDomainEvent("data_export.continued", 1, data);
export const DataExportReady = defineDomainEvent("data_export.ready", 1, data);
