import { now } from "@fashionistas/core/context";
import * as Event from "@fashionistas/core/event";
import * as Pool from "@fashionistas/core/pool";
import { secondsOf } from "@fashionistas/core/time";
import { onSchedule } from "../edge.ts";

/** Gives held seats back whose time is over, orphans of a crash included, so that open pages see them. */
export const handler = onSchedule("sweep-pools", async () => {
  for await (const event of Event.runningFrom(now())) {
    for (const pool of Event.poolsOf(event)) await Pool.sweep(pool, secondsOf(now()));
  }
});
