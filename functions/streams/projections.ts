import { now } from "@fashionistas/core/context";
import { log } from "@fashionistas/core/log";
import * as Realtime from "@fashionistas/core/realtime";
import { sleep } from "@fashionistas/core/sleep";
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { errorFields, onStream } from "../edge.ts";
import { broadcast } from "../realtime/broadcast.ts";

/** Changes of stock and of events → open pages, at most one post per event and tick. */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const eventIds = new Set(event.Records.flatMap(({ dynamodb }) => eventIdOf(dynamodb?.NewImage ?? dynamodb?.OldImage) ?? []));
  return onStream("projections", async () => {
    const outcomes = await Promise.all([...eventIds].map((eventId) => tick(eventId)));
    // A tick that failed is the whole batch's: whichever record is repeated opens it again.
    return { batchItemFailures: outcomes.every(Boolean) ? [] : [{ itemIdentifier: event.Records[0]?.dynamodb?.SequenceNumber ?? "" }] };
  });
}

type Image = Record<string, { S?: string }>;

function eventIdOf(image: unknown): string | undefined {
  const { v, eventId } = (image ?? {}) as Image;
  return v?.S ?? eventId?.S;
}

async function tick(eventId: string): Promise<boolean> {
  try {
    const endsAt = await Realtime.openTick({ eventId });
    if (endsAt === undefined) return true;
    await sleep(Math.max(0, endsAt - now()));
    await broadcast(eventId, await Realtime.closeTick({ eventId }));
    return true;
  } catch (error) {
    log.warn("tick failed", { eventId, ...errorFields(error) });
    return false;
  }
}
