import { Duration } from "aws-cdk-lib/core";
import { EventBus } from "aws-cdk-lib/aws-events";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { StackContext } from "sst/constructs";

/** `source` of every domain event that the relay puts on the bus. */
export const EVENT_SOURCE = "fashionistas";

/** The bus of domain events, with a month of them kept for replay. They carry ids only. */
export function Bus({ stack }: StackContext) {
  const bus = new EventBus(stack, "bus", { eventBusName: stack.stackName });
  bus.archive("archive", { eventPattern: { source: [EVENT_SOURCE] }, retention: Duration.days(30) });

  stack.addOutputs({ EventBusName: bus.eventBusName });
  return {
    bus,
    /** Environment and grant of what publishes. */
    environment: { EVENT_BUS_NAME: bus.eventBusName },
    publish: () => new PolicyStatement({ actions: ["events:PutEvents"], resources: [bus.eventBusArn] }),
  };
}
