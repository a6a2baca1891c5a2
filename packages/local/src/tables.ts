import { CreateTableCommand, DescribeTableCommand, ResourceInUseException, UpdateTimeToLiveCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TABLE_INDEXES, TABLE_KEYS, TTL_ATTRIBUTE } from "@fashionistas/core/db/table";

const KEYS = [
  { AttributeName: TABLE_KEYS.pk, KeyType: "HASH" as const },
  { AttributeName: TABLE_KEYS.sk, KeyType: "RANGE" as const },
];
const strings = (names: readonly string[]) => names.map((AttributeName) => ({ AttributeName, AttributeType: "S" as const }));

/** Creates the product's table as the stacks do, when it is not there. @returns its stream */
export async function ensureTable(client: DynamoDBClient, TableName: string): Promise<string> {
  const indexes = Object.entries(TABLE_INDEXES);
  await unlessThere(
    client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: KEYS,
        AttributeDefinitions: strings([...Object.values(TABLE_KEYS), ...indexes.flatMap(([, { pk, sk }]) => [pk, sk])]),
        GlobalSecondaryIndexes: indexes.map(([IndexName, { pk, sk }]) => ({
          IndexName,
          KeySchema: [
            { AttributeName: pk, KeyType: "HASH" as const },
            { AttributeName: sk, KeyType: "RANGE" as const },
          ],
          Projection: { ProjectionType: "ALL" as const },
        })),
        StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
      }),
    ),
  );
  await client
    .send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: TTL_ATTRIBUTE } }))
    .catch(() => undefined);
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  if (!Table?.LatestStreamArn) throw new Error(`Table ${TableName} has no stream: delete it, or set TABLE_NAME to another name.`);
  return Table.LatestStreamArn;
}

/** Creates a table without indexes and stream, when it is not there: that of personal-data keys, and the local server's own. */
export async function ensurePlainTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await unlessThere(
    client.send(
      new CreateTableCommand({ TableName, BillingMode: "PAY_PER_REQUEST", KeySchema: KEYS, AttributeDefinitions: strings(Object.values(TABLE_KEYS)) }),
    ),
  );
}

async function unlessThere(creating: Promise<unknown>): Promise<void> {
  await creating.catch((error: unknown) => {
    if (!(error instanceof ResourceInUseException)) throw error;
  });
}
