import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { outboxRowOf } from "@fashionistas/core/db/outbox";
import { log } from "@fashionistas/core/log";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { errorFields, onStream } from "../edge.ts";
import { publish } from "./publish.ts";

/**
 * The relay: new journal entries and inbox rows of the table's stream → bus. A row that was not published fails with
 * everything after it, so that nothing is skipped; what had been published before is published again, and consumers repeat.
 */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const records = event.Records.flatMap(({ dynamodb }) => {
    const row = dynamodb?.NewImage && outboxRowOf(unmarshall(dynamodb.NewImage as Record<string, AttributeValue>));
    return row ? [{ row, sequence: dynamodb.SequenceNumber ?? "" }] : [];
  });
  if (records.length === 0) return { batchItemFailures: [] };
  return onStream("relay", async () => {
    try {
      const failed = await publish(records.map(({ row }) => row));
      const first = records.find(({ row }) => failed.includes(row));
      return { batchItemFailures: first ? [{ itemIdentifier: first.sequence }] : [] };
    } catch (error) {
      log.warn("relay failed", errorFields(error));
      return { batchItemFailures: [{ itemIdentifier: records[0]!.sequence }] };
    }
  });
}
