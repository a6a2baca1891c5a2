import { TABLE_INDEXES, TABLE_KEYS, TTL_ATTRIBUTE } from "@fashionistas/core/db/table";
import { type Attribute, AttributeType, Billing, StreamViewType, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import type { StackContext } from "sst/constructs";
import { isProduction, removalPolicy } from "./defaults.ts";

/** A noun's verbs get, query and write items. They never scan, and never touch the table itself. */
const verbActions = ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"];
/** A person's key is read and written with the person. */
const keyActions = ["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"];
const streamActions = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];

const text = (name: string): Attribute => ({ name, type: AttributeType.STRING });
const dynamodb = (actions: string[]) => actions.map((action) => `dynamodb:${action}`);

/** The one table, and the small one with the keys of personal data. */
export function Table({ stack, app }: StackContext) {
  const protection = { billing: Billing.onDemand(), deletionProtection: isProduction(app.stage), removalPolicy: removalPolicy(app.stage) };

  const table = new TableV2(stack, "data", {
    ...protection,
    partitionKey: text(TABLE_KEYS.pk),
    sortKey: text(TABLE_KEYS.sk),
    globalSecondaryIndexes: Object.entries(TABLE_INDEXES).map(([indexName, keys]) => ({
      indexName,
      partitionKey: text(keys.pk),
      sortKey: text(keys.sk),
    })),
    timeToLiveAttribute: TTL_ATTRIBUTE,
    dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
  });

  // A forgotten person's key must be gone from every copy soon; losing all keys by mistake would forget everybody.
  const keys = new TableV2(stack, "keys", {
    ...protection,
    partitionKey: text(TABLE_KEYS.pk),
    sortKey: text(TABLE_KEYS.sk),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 7 },
  });

  // It makes and opens the ring's key, once for each process; everything below is AES-256 of our own (`core/data-key`).
  const personKey = new Key(stack, "person-key", {
    description: "Opens the keys of personal data. Without it nobody can be read any more",
    enableKeyRotation: true,
    removalPolicy: removalPolicy(app.stage),
  });

  stack.addOutputs({ TableName: table.tableName, KeysTableName: keys.tableName });
  return {
    table,
    keys,
    /** Environment and grant of everything that calls verbs. */
    environment: { TABLE_NAME: table.tableName },
    callVerbs: () => new PolicyStatement({ actions: dynamodb(verbActions), resources: [table.tableArn, `${table.tableArn}/index/*`] }),
    /** Environment and grants of what opens or writes personal data. */
    personalData: {
      environment: { KEYS_TABLE_NAME: keys.tableName, PERSON_KMS_KEY_ID: personKey.keyArn },
      may: () => [
        new PolicyStatement({ actions: dynamodb(keyActions), resources: [keys.tableArn] }),
        new PolicyStatement({ actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [personKey.keyArn] }),
      ],
    },
    /** Environment and grant of what walks through all keys, and deletes those of exports. It opens none. */
    walkKeys: {
      environment: { KEYS_TABLE_NAME: keys.tableName },
      may: () => new PolicyStatement({ actions: dynamodb(["Scan", "DeleteItem"]), resources: [keys.tableArn] }),
    },
    readStream: () => new PolicyStatement({ actions: dynamodb(streamActions), resources: [`${table.tableArn}/stream/*`] }),
  };
}
