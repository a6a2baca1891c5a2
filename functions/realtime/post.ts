import { ApiGatewayManagementApiClient, GoneException, PostToConnectionCommand } from "@aws-sdk/client-apigatewaymanagementapi";
import { required } from "@fashionistas/core/config";
import * as Realtime from "@fashionistas/core/realtime";

let client: ApiGatewayManagementApiClient | undefined;

/** Sends messages to one connection, in order. A connection that is gone is forgotten. */
export async function post(connectionId: string, messages: readonly Realtime.ServerMessage[]): Promise<void> {
  client ??= new ApiGatewayManagementApiClient({ endpoint: required("WEBSOCKET_API_ENDPOINT"), maxAttempts: 3 });
  try {
    for (const message of messages) {
      await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: Buffer.from(JSON.stringify(message)) }));
    }
  } catch (error) {
    if (!(error instanceof GoneException)) throw error;
    await Realtime.disconnect({ connectionId });
  }
}
