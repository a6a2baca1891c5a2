import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  TransactionConflictException,
  type CancellationReason,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Item } from "./values.ts";

/** DynamoDB's refusals, as the SDK throws them. */

const metadata = (httpStatusCode: number) => ({ $metadata: { httpStatusCode, attempts: 1, totalRetryDelay: 0 } });
const marshalled = (item: Item) => marshall(item as Record<string, any>);

export function conditionFailed(standing: Item | undefined): ConditionalCheckFailedException {
  return new ConditionalCheckFailedException({
    message: "The conditional request failed",
    ...(standing ? { Item: marshalled(standing) } : {}),
    ...metadata(400),
  });
}

export function conflict(): TransactionConflictException {
  return new TransactionConflictException({ message: "Transaction is ongoing for the item", ...metadata(400) });
}

/** The reason why one operation of a transaction was refused; `None` for the others. */
export function reason(
  code: "None" | "ConditionalCheckFailed" | "TransactionConflict" | "ThrottlingError" | "ValidationError",
  standing?: Item,
): CancellationReason {
  return { Code: code, ...(code === "None" ? {} : { Message: code }), ...(standing ? { Item: marshalled(standing) } : {}) };
}

export function cancelled(reasons: CancellationReason[]): TransactionCanceledException {
  const codes = reasons.map(({ Code }) => Code).join(", ");
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new TransactionCanceledException({ message, CancellationReasons: reasons, ...metadata(400) });
}

export function invalid(message: string): DynamoDBServiceException {
  return new DynamoDBServiceException({ name: "ValidationException", $fault: "client", message, ...metadata(400) });
}

export function throughputExceeded(): ProvisionedThroughputExceededException {
  return new ProvisionedThroughputExceededException({ message: "The level of configured provisioned throughput was exceeded", ...metadata(400) });
}

/** Nobody knows whether it happened. */
export function timedOut(): Error {
  return Object.assign(new Error("Request timed out"), { name: "TimeoutError" });
}
