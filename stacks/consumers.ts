import { type Consumer, consumers } from "@fashionistas/functions/consumers/manifest";
import { Duration } from "aws-cdk-lib/core";
import { Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import { type Stack, type StackContext, use } from "sst/constructs";
import { identity } from "./auth.ts";
import { Bus, EVENT_SOURCE } from "./bus.ts";
import { deadLetterQueue, lambda, queue } from "./defaults.ts";
import { Realtime } from "./realtime.ts";
import { Secrets } from "./secrets.ts";
import { Table } from "./table.ts";

/** A message that was received this often without success is looked at by a person. */
const maxReceiveCount = 5;
/** One: a slow or failing effect never makes a neighbour of its batch run again. */
const batchSize = 1;

/**
 * One stack per noun whose domain events are consumed, so that none outgrows CloudFormation's 500 resources.
 * Split from the start: a consumer that moves between stacks leaves the messages in its queue behind.
 */
export const consumersByNoun = [...new Set(consumers.map(nounOf))].sort().map((noun) => ({
  id: `Consumers${pascalCase(noun)}`,
  stack: consumersOf(noun),
}));

function consumersOf(noun: string) {
  return ({ stack }: StackContext) => ({
    consumers: consumers.filter((consumer) => nounOf(consumer) === noun).map((consumer) => consume(stack, consumer)),
  });
}

/** Rule → queue with dead letters → function. */
function consume(stack: Stack, consumer: Consumer) {
  const { name } = consumer;
  const { environment, callVerbs, personalData } = use(Table);
  const extras = [
    ...(consumer.personalData ? [personalData] : []),
    ...(consumer.forgetsUsers ? [identity().forgetting] : []),
    ...(consumer.posts ? [use(Realtime).posting] : []),
  ];
  const deadLetters = deadLetterQueue(stack, `${name}-dead-letters`);
  const pending = queue(stack, `${name}-queue`, {
    // Six times the function's timeout is what Lambda asks for, so that no message is handed out while it is worked on.
    visibilityTimeout: Duration.seconds(6 * consumer.timeoutSeconds),
    retentionPeriod: Duration.days(4),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount },
  });
  new Rule(stack, `${name}-rule`, {
    eventBus: use(Bus).bus,
    description: `${consumer.on.join(", ")} → ${name}`,
    eventPattern: { source: [EVENT_SOURCE], detailType: [...consumer.on] },
    targets: [new SqsQueue(pending, { deadLetterQueue: deadLetters })],
  });

  const fn = lambda(stack, name, {
    handler: consumer.handler,
    description: `On ${consumer.on.join(", ")}`,
    memoryMb: consumer.memoryMb,
    timeoutSeconds: consumer.timeoutSeconds,
    environment: Object.assign({ ...environment, ...use(Secrets).environment(stack, consumer.secrets) }, ...extras.map((extra) => extra.environment)),
    may: [callVerbs(), ...extras.flatMap((extra) => extra.may())],
  });
  pending.grantConsumeMessages(fn);
  new EventSourceMapping(stack, `${name}-source`, {
    target: fn,
    eventSourceArn: pending.queueArn,
    batchSize,
    reportBatchItemFailures: true,
    ...(consumer.maxConcurrency === undefined ? {} : { maxConcurrency: consumer.maxConcurrency }),
  });
  return { name, fn, pending, deadLetters };
}

function nounOf(consumer: Consumer): string {
  const [noun] = (consumer.on[0] ?? "").split(".");
  if (!noun) throw new Error(`The consumer ${consumer.name} listens to no domain event.`);
  return noun;
}

function pascalCase(noun: string): string {
  return noun.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
