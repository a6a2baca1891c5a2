import { withContext } from "@fashionistas/core/context";
import { VisibleError } from "@fashionistas/core/error";
import { newId } from "@fashionistas/core/id";
import { log } from "@fashionistas/core/log";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { errorFields } from "../edge.ts";

/** Runs one WebSocket route as an anonymous page: what it may see is what the public sees. */
export async function asPage(work: () => Promise<unknown>): Promise<APIGatewayProxyStructuredResultV2> {
  const requestId = newId("req");
  try {
    await withContext({ actor: { kind: "public" }, requestId, correlationId: requestId }, work);
    return { statusCode: 200 };
  } catch (error) {
    if (error instanceof VisibleError) return { statusCode: error.kind === "unauthenticated" ? 401 : 400 };
    log.error("websocket route failed", errorFields(error));
    return { statusCode: 500 };
  }
}
