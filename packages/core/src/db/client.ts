import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { dynamodbEndpoint } from "../config.ts";

const endpoint = dynamodbEndpoint();

// The SDK walks through every input and output to hide secrets from its logger, even from one that logs nothing. It asks
// first whether there is `info` and `error`: without them there is no walk, which is 5 % of what a call costs.
const quiet = { trace() {}, debug() {}, warn() {} };

/**
 * The process's one connection to the table. Short timeouts: a call that takes longer than this is ambiguous, and every
 * operation of ours may be repeated. Throttling is retried by the SDK; conflicts are retried by `transact`.
 */
export const client = DynamoDBDocumentClient.from(
  new DynamoDBClient({
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: 4,
    logger: quiet as NonNullable<DynamoDBClientConfig["logger"]>,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, httpAgent: { maxSockets: 128 }, httpsAgent: { maxSockets: 128 } },
  }),
  { marshallOptions: { removeUndefinedValues: true } },
);
