import { ENTITY_ATTRIBUTE } from "@fashionistas/core/db/table";
import { Duration } from "aws-cdk-lib/core";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import { type StackContext, use } from "sst/constructs";
import { Bus } from "./bus.ts";
import { deadLetterQueue, lambda } from "./defaults.ts";
import { Realtime } from "./realtime.ts";
import { Table } from "./table.ts";

/** Entities, by ElectroDB's name of them, that each reader of the stream is called for. */
const outboxEntities = ["journal-entry", "webhook"];
const projectedEntities = ["bucket", "event", "ticket-type"];

type Reader = {
  description: string;
  filters: Record<string, unknown>[];
  batchSize: number;
  environment: Record<string, string>;
  may: PolicyStatement[];
};

/** The two readers of the table's stream; DynamoDB takes no third. */
export function Streams({ stack }: StackContext) {
  const { table, environment, callVerbs, readStream } = use(Table);
  const bus = use(Bus);
  const realtime = use(Realtime);

  function reader(name: string, { description, filters, batchSize, ...props }: Reader) {
    const fn = lambda(stack, name, {
      handler: `functions/streams/${name}.handler`,
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
      filters: filters.map((filter) => FilterCriteria.filter(filter)),
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

  return {
    outbox: reader("outbox", {
      description: "Relays pending domain events to the bus",
      filters: [
        {
          eventName: FilterRule.isEqual("INSERT"),
          dynamodb: { NewImage: { [ENTITY_ATTRIBUTE]: { S: FilterRule.or(...outboxEntities) }, gsi4pk: { S: FilterRule.exists() } } },
        },
      ],
      batchSize: 10,
      environment: bus.environment,
      may: [bus.publish()],
    }),
    projections: reader("projections", {
      description: "Counts what changed, and pushes it to connections",
      // One for what there is now, one for what was removed and has only an old image.
      filters: ["NewImage", "OldImage"].map((image) => ({
        eventName: image === "NewImage" ? FilterRule.or("INSERT", "MODIFY") : FilterRule.isEqual("REMOVE"),
        dynamodb: { [image]: { [ENTITY_ATTRIBUTE]: { S: FilterRule.or(...projectedEntities) } } },
      })),
      batchSize: 100,
      environment: realtime.environment,
      may: [realtime.post()],
    }),
  };
}
