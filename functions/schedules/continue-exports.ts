import { now } from "@fashionistas/core/context";
import * as DataExport from "@fashionistas/core/data-export";
import type { UserId } from "@fashionistas/core/id";
import { log } from "@fashionistas/core/log";
import { isoOf } from "@fashionistas/core/time";
import { errorFields, onSchedule } from "../edge.ts";
import "../personal-data.ts";

const AT_MOST = 20;

/** Takes up slices of exports whose worker died. */
export const handler = onSchedule("continue-exports", async () => {
  for (const { userId, dataExportId, n } of await DataExport.listDue(isoOf(now()), AT_MOST))
    await DataExport.collect({ userId: userId as UserId, n }).catch((error: unknown) =>
      log.warn("export not continued", { dataExportId, ...errorFields(error) }),
    );
});
