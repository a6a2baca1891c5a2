import { inTurns } from "@fashionistas/core/in-turns";
import * as Realtime from "@fashionistas/core/realtime";
import { onDomainEvent } from "../../edge.ts";
import { close } from "../../realtime/post.ts";

const LAST = { type: "error", code: "session.ended", message: "Your session was ended: sign in again, then connect again." } as const;

/** Closes the sockets that were opened in a session that is over. All it listens to is told of a user, but for erasures of people without one. */
export const handler = onDomainEvent("close-sockets", async ({ aggregate }) => {
  if (aggregate.type !== "user") return;
  const ended = await Realtime.listEnded({ userId: aggregate.id });
  await inTurns(ended, 50, (connection) => close(connection, LAST));
});
