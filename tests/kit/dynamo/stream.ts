import { marshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { hash32 } from "../simulation/chance.ts";
import type { Key } from "./storage.ts";
import type { Item } from "./values.ts";

/** The table's stream: every change in the order it was made, an item's always in the same shard. */
export type Change = { sequence: number; key: Key; before: Item | undefined; after: Item | undefined; at: number };

export class Changes {
  #sequence = 0;
  readonly all: Change[] = [];
  /** Whether `all` keeps them: for stories that are short. */
  keeps = true;
  /** Told of every change when it is made. */
  heard: ((change: Change) => void) | undefined;

  add(key: Key, before: Item | undefined, after: Item | undefined, at: number): void {
    this.#sequence += 1;
    const change = { sequence: this.#sequence, key, before, after, at };
    if (this.keeps) this.all.push(change);
    this.heard?.(change);
  }
}

/** The shard that an item's changes are in. */
export function shardOf({ pk }: Key, shards: number): number {
  return hash32(pk) % shards;
}

/** A change as Lambda's event source mapping hands it over. */
export function recordOf({ sequence, key, before, after, at }: Change): DynamoDBRecord {
  const image = (item: Item) => marshall(item as Record<string, any>) as NonNullable<DynamoDBRecord["dynamodb"]>["NewImage"] & object;
  return {
    eventID: String(sequence),
    eventName: before === undefined ? "INSERT" : after === undefined ? "REMOVE" : "MODIFY",
    eventSource: "aws:dynamodb",
    dynamodb: {
      ApproximateCreationDateTime: at / 1_000,
      Keys: image({ ...key }),
      SequenceNumber: String(sequence).padStart(21, "0"),
      StreamViewType: "NEW_AND_OLD_IMAGES",
      ...(before ? { OldImage: image(before) } : {}),
      ...(after ? { NewImage: image(after) } : {}),
    },
  };
}
