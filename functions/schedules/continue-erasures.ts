import { now } from "@fashionistas/core/context";
import * as Erasure from "@fashionistas/core/erasure";
import type { ErasureId } from "@fashionistas/core/id";
import { log } from "@fashionistas/core/log";
import { isoOf } from "@fashionistas/core/time";
import { errorFields, onSchedule } from "../edge.ts";
import "../personal-data.ts";

const AT_MOST = 20;

/** Looks once more for those who were on their way, and takes up slices whose worker died. */
export const handler = onSchedule("continue-erasures", async () => {
  for (const { erasureId } of await Erasure.listDue(isoOf(now()), AT_MOST))
    await Erasure.proceed({ erasureId: erasureId as ErasureId }).catch((error: unknown) =>
      log.warn("erasure not continued", { erasureId, ...errorFields(error) }),
    );
});
