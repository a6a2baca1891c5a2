import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { dynamodbEndpoint } from "../config.ts";

const endpoint = dynamodbEndpoint();

/**
 * The process's one connection to the table. Short timeouts: a call that takes longer than this is ambiguous, and every
 * operation of ours may be repeated. Throttling is retried by the SDK; conflicts are retried by `transact`.
 */
export const client = DynamoDBDocumentClient.from(
  new DynamoDBClient({
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, httpAgent: { maxSockets: 128 }, httpsAgent: { maxSockets: 128 } },
  }),
  { marshallOptions: { removeUndefinedValues: true } },
);

// It walks through every input and output to hide secrets from a logger that logs nothing: 5 % of what a call costs.
client.middlewareStack.remove("loggerMiddleware");
