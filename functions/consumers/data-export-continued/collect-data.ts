import * as DataExport from "@fashionistas/core/data-export";
import { DataExportContinued, DataExportRequested } from "@fashionistas/core/data-export/domain-events";
import type { UserId } from "@fashionistas/core/id";
import { onDomainEvent } from "../../edge.ts";
import "../../personal-data.ts";

/** One slice of what we hold about somebody. */
export const handler = onDomainEvent("collect-data", (envelope) => {
  const { userId, n, step } = (envelope.type === DataExportRequested.type ? DataExportRequested : DataExportContinued).of(envelope);
  return DataExport.collect({ userId: userId as UserId, n, step });
});
