import { ApiGatewayManagementApiClient, DeleteConnectionCommand, GoneException, PostToConnectionCommand } from "@aws-sdk/client-apigatewaymanagementapi";
import { required } from "@fashionistas/core/config";
import * as Realtime from "@fashionistas/core/realtime";

let client: ApiGatewayManagementApiClient | undefined;

/** Sends messages to one connection, in order. A connection that is gone is forgotten. */
export async function post(connectionId: string, messages: readonly Realtime.ServerMessage[]): Promise<void> {
  try {
    for (const message of messages) await api().send(posting(connectionId, message));
  } catch (error) {
    if (!(error instanceof GoneException)) throw error;
    await Realtime.disconnect({ connectionId });
  }
}

/**
 * Sends a last message and closes the connection.
 * @throws GoneException when it is still opening, and not there yet: try again
 */
export async function close({ connectionId, opening }: Realtime.Ended, last: Realtime.ServerMessage): Promise<void> {
  try {
    await api().send(posting(connectionId, last));
    await api().send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
  } catch (error) {
    if (!(error instanceof GoneException) || opening) throw error;
  }
  await Realtime.disconnect({ connectionId });
}

function api(): ApiGatewayManagementApiClient {
  client ??= new ApiGatewayManagementApiClient({ endpoint: required("WEBSOCKET_API_ENDPOINT"), maxAttempts: 3 });
  return client;
}

function posting(connectionId: string, message: Realtime.ServerMessage): PostToConnectionCommand {
  return new PostToConnectionCommand({ ConnectionId: connectionId, Data: Buffer.from(JSON.stringify(message)) });
}
