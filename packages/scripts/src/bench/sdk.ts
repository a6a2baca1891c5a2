import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { client as coreClient } from "@fashionistas/core/db/client";
import type { ensureTable } from "@fashionistas/local/tables";

/**
 * The AWS SDK in core's version: a script has none of its own, and the bench measures the product against the client that
 * the product uses.
 */
export type Client = Parameters<typeof ensureTable>[0];
type Command = Parameters<typeof coreClient.send>[0];

const ofCore = createRequire(fileURLToPath(import.meta.resolve("@fashionistas/core/db/client")));
const { DynamoDBClient } = ofCore("@aws-sdk/client-dynamodb") as { DynamoDBClient: new (options: object) => Client };
const { UpdateCommand } = ofCore("@aws-sdk/lib-dynamodb") as { UpdateCommand: new (input: object) => Command };

/** An UpdateItem without ElectroDB and without anything of ours. */
export const updateItem = (input: object): Command => new UpdateCommand(input);

/** A client of an engine other than the product's own one. */
export function clientOf(endpoint: string): Client {
  return new DynamoDBClient({ endpoint, region: "eu-west-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } });
}
