import { type Schedule, schedules } from "@fashionistas/functions/schedules/manifest";
import { Duration } from "aws-cdk-lib/core";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { Schedule as ScheduleRule, ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { type Stack, type StackContext, use } from "sst/constructs";
import { Bus } from "./bus.ts";
import { deadLetterQueue, lambda } from "./defaults.ts";
import * as Parameters from "./parameters.ts";
import { Secrets } from "./secrets.ts";
import { Table } from "./table.ts";

/** Schedules that put domain events on the bus themselves. */
const publishing = new Set(["republish-pending"]);

/** What runs by the clock. */
export function Schedules({ stack }: StackContext) {
  return { schedules: schedules.map((schedule) => repeat(stack, schedule)) };
}

function repeat(stack: Stack, schedule: Schedule) {
  const { name } = schedule;
  const data = use(Table);
  const bus = use(Bus);
  const publishes = publishing.has(name);
  // Lambda keeps an event for six hours at most.
  const staleAfter = Duration.minutes(Math.min(schedule.everyMinutes, 6 * 60));
  const deadLetters = deadLetterQueue(stack, `${name}-dead-letters`);

  const fn = lambda(stack, name, {
    handler: schedule.handler,
    description: `Every ${schedule.everyMinutes} min`,
    memoryMb: schedule.memoryMb,
    timeoutSeconds: schedule.timeoutSeconds,
    environment: {
      ...data.environment,
      ...(publishes ? bus.environment : {}),
      ...(schedule.personalData ? data.personalData.environment : {}),
      ...(schedule.walksKeys ? { ...data.walkKeys.environment, ...Parameters.optional("KEPT_DAYS_BUYERS", "KEPT_DAYS_ENQUIRERS") } : {}),
      ...use(Secrets).environment(stack, schedule.secrets),
    },
    may: [
      data.callVerbs(),
      ...(publishes ? [bus.publish()] : []),
      ...(schedule.personalData ? data.personalData.may() : []),
      ...(schedule.walksKeys ? [data.walkKeys.may()] : []),
    ],
  });
  // Not tried again: the next run takes up whatever this one left, and a late run would only meet it.
  fn.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: staleAfter, onFailure: new SqsDestination(deadLetters) });

  new ScheduleRule(stack, `${name}-schedule`, {
    schedule: ScheduleExpression.rate(Duration.minutes(schedule.everyMinutes)),
    target: new LambdaInvoke(fn, { retryAttempts: 2, maxEventAge: staleAfter, deadLetterQueue: deadLetters }),
  });
  return { name, fn, deadLetters };
}
