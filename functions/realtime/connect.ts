import * as Realtime from "@fashionistas/core/realtime";
import type { APIGatewayProxyWebsocketEventV2 } from "aws-lambda";
import { asPage } from "./entry.ts";

type ConnectEvent = APIGatewayProxyWebsocketEventV2 & { queryStringParameters?: Record<string, string | undefined> };

/** $connect with ?channel=&ticket=: the ticket is used up, or the connection is refused. */
export const handler = (event: ConnectEvent) => {
  const { channel = "", ticket = "" } = event.queryStringParameters ?? {};
  return asPage(() => Realtime.connect({ connectionId: event.requestContext.connectionId, channel, ticket }));
};
