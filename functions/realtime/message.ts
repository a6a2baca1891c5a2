import { parse } from "@fashionistas/core/capability";
import { VisibleError } from "@fashionistas/core/error";
import * as Realtime from "@fashionistas/core/realtime";
import type { APIGatewayProxyWebsocketEventV2 } from "aws-lambda";
import { asPage } from "./entry.ts";
import { post } from "./post.ts";

/** $default: one message of a page. A refusal is answered on the socket, naming what to do. */
export const handler = (event: APIGatewayProxyWebsocketEventV2) => {
  const { connectionId } = event.requestContext;
  return asPage(async () => {
    try {
      await Realtime.countMessage({ connectionId });
      await post(connectionId, [await answerTo(connectionId, parse(Realtime.ClientMessage, jsonOf(event.body ?? "")))]);
    } catch (error) {
      if (!(error instanceof VisibleError)) throw error;
      const fields = (error.extras.fields ?? []).map(({ path, message }) => `${path || "message"}: ${message}`).join(" ");
      await post(connectionId, [{ type: "error", code: error.code, message: fields || error.message }]);
    }
  });
};

async function answerTo(connectionId: string, message: Realtime.ClientMessage): Promise<Realtime.ServerMessage> {
  switch (message.action) {
    case "subscribe":
      return { type: "snapshot", ...(await Realtime.subscribe({ connectionId, eventId: message.eventId })) };
    case "unsubscribe":
      await Realtime.unsubscribe({ connectionId, eventId: message.eventId });
      return { type: "unsubscribed", eventId: message.eventId };
    case "ping":
      return { type: "pong" };
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
