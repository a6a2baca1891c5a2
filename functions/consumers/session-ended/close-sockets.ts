import { inTurns } from "@fashionistas/core/in-turns";
import * as Realtime from "@fashionistas/core/realtime";
import { SessionEnded } from "@fashionistas/core/session/domain-events";
import { UserSuspended } from "@fashionistas/core/user/domain-events";
import { onDomainEvent } from "../../edge.ts";
import { close } from "../../realtime/post.ts";

const LAST = { type: "error", code: "session.ended", message: "Your session was ended: sign in again, then connect again." } as const;

/** Closes the sockets that were opened in a session that is over. */
export const handler = onDomainEvent("close-sockets", async (envelope) => {
  const { userId } = envelope.type === UserSuspended.type ? UserSuspended.of(envelope) : SessionEnded.of(envelope);
  const ended = await Realtime.listEnded({ userId });
  await inTurns(ended, 50, (connection) => close(connection, LAST));
});
