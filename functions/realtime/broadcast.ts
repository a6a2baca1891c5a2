import { inTurns } from "@fashionistas/core/in-turns";
import { log } from "@fashionistas/core/log";
import * as Realtime from "@fashionistas/core/realtime";
import { errorFields } from "../edge.ts";
import { post } from "./post.ts";

const AT_ONCE = 50;

/** Sends a tick's posts to everybody who watches the event, each the messages of their channel. */
export async function broadcast(eventId: string, posts: readonly Realtime.Post[]): Promise<void> {
  if (posts.every(({ messages }) => messages.length === 0)) return;
  for await (const watchers of Realtime.watchersOf(eventId)) {
    await inTurns(watchers, AT_ONCE, async ({ connectionId, channel }) => {
      const messages = posts.filter((one) => one.channel === channel).flatMap((one) => one.messages);
      // One slow or broken page must not keep the others waiting; it refetches when it sees the gap.
      await post(connectionId, messages).catch((error: unknown) => log.warn("post failed", { connectionId, ...errorFields(error) }));
    });
  }
}
