import { ENTITY_ATTRIBUTE } from "@fashionistas/core/db/table";
import { Duration } from "aws-cdk-lib/core";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import { type StackContext, use } from "sst/constructs";
import { streamReaders, type StreamReader } from "@fashionistas/functions/streams/manifest";
import { Bus } from "./bus.ts";
import { deadLetterQueue, lambda } from "./defaults.ts";
import { Realtime } from "./realtime.ts";
import { Table } from "./table.ts";

type Extras = {
  description: string;
  environment: Record<string, string>;
  may: PolicyStatement[];
};

/** What of the stream a reader is called for; the local pump applies the same rule. */
function filtersOf({ entities, onlyPending }: StreamReader): Record<string, unknown>[] {
  const entity = { [ENTITY_ATTRIBUTE]: { S: FilterRule.or(...entities) } };
  if (onlyPending) return [{ eventName: FilterRule.isEqual("INSERT"), dynamodb: { NewImage: { ...entity, gsi4pk: { S: FilterRule.exists() } } } }];
  // One for what there is now, one for what was removed and has only an old image.
  return [
    { eventName: FilterRule.or("INSERT", "MODIFY"), dynamodb: { NewImage: entity } },
    { eventName: FilterRule.isEqual("REMOVE"), dynamodb: { OldImage: entity } },
  ];
}

/** The two readers of the table's stream; DynamoDB takes no third. */
export function Streams({ stack }: StackContext) {
  const { table, environment, callVerbs, readStream } = use(Table);
  const bus = use(Bus);
  const realtime = use(Realtime);

  function reader(manifest: StreamReader, { description, ...props }: Extras) {
    const { name, handler, batchSize } = manifest;
    const fn = lambda(stack, name, {
      handler,
      description,
      timeoutSeconds: 30,
      environment: { ...environment, ...props.environment },
      may: [callVerbs(), readStream(), ...props.may],
    });
    const deadLetters = deadLetterQueue(stack, `${name}-dead-letters`);
    new EventSourceMapping(stack, `${name}-source`, {
      target: fn,
      eventSourceArn: table.tableStreamArn!,
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: filtersOf(manifest).map((filter) => FilterCriteria.filter(filter)),
      batchSize,
      parallelizationFactor: 10,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      // A record that cannot be handled holds up its shard: give up soon, the sweepers repair what was skipped.
      retryAttempts: 5,
      maxRecordAge: Duration.hours(1),
      onFailure: new SqsDlq(deadLetters),
    });
    return { fn, deadLetters };
  }

  const [outbox, projections] = streamReaders;
  return {
    outbox: reader(outbox, {
      description: "Relays pending domain events to the bus",
      environment: bus.environment,
      may: [bus.publish()],
    }),
    projections: reader(projections, {
      description: "Counts what changed, and pushes it to connections",
      environment: realtime.posting.environment,
      may: realtime.posting.may(),
    }),
  };
}
