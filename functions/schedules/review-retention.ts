import { log } from "@fashionistas/core/log";
import * as Retention from "@fashionistas/core/retention";
import { onSchedule } from "../edge.ts";

/** Begins to erase who is past their time. */
export const handler = onSchedule("review-retention", async () => {
  const found = await Retention.review({});
  if (found.people + found.exports > 0) log.info("retention reviewed", found);
});
