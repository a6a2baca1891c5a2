import * as Realtime from "@fashionistas/core/realtime";
import type { APIGatewayProxyWebsocketEventV2 } from "aws-lambda";
import { asPage } from "./entry.ts";

/** $disconnect: best effort at AWS, so posts to a connection that is gone forget it too. */
export const handler = (event: APIGatewayProxyWebsocketEventV2) => asPage(() => Realtime.disconnect({ connectionId: event.requestContext.connectionId }));
