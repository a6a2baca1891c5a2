import { type Consumer, consumers as manifest } from "@fashionistas/functions/consumers/manifest";
import { type Schedule, schedules as scheduleManifest } from "@fashionistas/functions/schedules/manifest";
import { beforeAll, describe, expect, test } from "vitest";
import { assemble, type Assembly, lambdaFor, ofType, referred, type Resource } from "./assembly.ts";

const consumers: readonly Consumer[] = manifest;
const schedules: readonly Schedule[] = scheduleManifest;
const fourteenDays = 14 * 24 * 60 * 60;

let app: Assembly;

beforeAll(async () => {
  app = await assemble("production");
}, 300_000);

const sourcesOf = ({ id, stack }: Resource) =>
  ofType(app, "AWS::Lambda::EventSourceMapping").filter((source) => source.stack === stack && source.Properties["FunctionName"].Ref === id);

function deadLettersOf(queue: Resource): Resource {
  return referred(app, queue, queue.Properties["RedrivePolicy"].deadLetterTargetArn);
}

describe("consumers", () => {
  test("a message reaches each through a queue that waits six timeouts and gives up into a fortnight of dead letters", () => {
    for (const { handler, timeoutSeconds, maxConcurrency } of consumers) {
      const { resource } = lambdaFor(app, handler);
      const [source, ...others] = sourcesOf(resource);
      expect(others, handler).toEqual([]);
      expect(source!.Properties["FunctionResponseTypes"], handler).toEqual(["ReportBatchItemFailures"]);
      expect(source!.Properties["BatchSize"], handler).toBeLessThanOrEqual(10);
      expect(source!.Properties["ScalingConfig"]?.MaximumConcurrency, handler).toBe(maxConcurrency);
      expect(resource.Properties["Timeout"], handler).toBe(timeoutSeconds);

      const queue = referred(app, source!, source!.Properties["EventSourceArn"]);
      expect(queue.Properties["VisibilityTimeout"], handler).toBeGreaterThanOrEqual(6 * timeoutSeconds);
      expect(queue.Properties["RedrivePolicy"].maxReceiveCount, handler).toBeGreaterThanOrEqual(3);
      expect(deadLettersOf(queue).Properties["MessageRetentionPeriod"], handler).toBe(fourteenDays);
    }
  });

  test("each hears exactly the domain events of its manifest entry, and gets them whole", () => {
    for (const { handler, on } of consumers) {
      const { resource } = lambdaFor(app, handler);
      const source = sourcesOf(resource)[0]!;
      const queue = referred(app, source, source.Properties["EventSourceArn"]);
      const rules = ofType(app, "AWS::Events::Rule").filter(
        (rule) =>
          rule.stack === queue.stack && rule.Properties["Targets"].some((target: Resource["Properties"]) => target["Arn"]["Fn::GetAtt"][0] === queue.id),
      );
      expect(rules, handler).toHaveLength(1);
      const [rule] = rules as [Resource];
      expect(rule.Properties["State"], handler).toBe("ENABLED");
      expect(rule.Properties["EventPattern"], handler).toEqual({ source: ["fashionistas"], "detail-type": [...on] });
      expect(rule.Properties["Targets"], handler).toHaveLength(1);
      expect(Object.keys(rule.Properties["Targets"][0]).sort(), handler).toEqual(["Arn", "DeadLetterConfig", "Id"]);
      expect(rule.Properties["Targets"][0].DeadLetterConfig.Arn["Fn::GetAtt"][0], handler).toBe(deadLettersOf(queue).id);
    }
  });

  test("no two share a queue, and no rule is left over", () => {
    expect(ofType(app, "AWS::Events::Rule")).toHaveLength(consumers.length);
    expect(ofType(app, "AWS::SQS::Queue").filter(({ Properties }) => Properties["RedrivePolicy"])).toHaveLength(consumers.length);
  });

  test("a month of domain events can be replayed", () => {
    const [archive] = ofType(app, "AWS::Events::Archive") as [Resource];
    expect(archive.Properties).toMatchObject({ RetentionDays: 30, EventPattern: { source: ["fashionistas"] } });
  });
});

describe("table stream", () => {
  const readers = () =>
    ofType(app, "AWS::Lambda::EventSourceMapping").filter(({ Properties }) => JSON.stringify(Properties["EventSourceArn"]).includes("StreamArn"));
  const filterOf = (handler: string) => {
    const [source] = sourcesOf(lambdaFor(app, handler).resource) as [Resource];
    return source.Properties["FilterCriteria"].Filters.map((filter: Resource["Properties"]) => JSON.parse(filter["Pattern"]));
  };

  test("has exactly two readers, as many as DynamoDB takes", () => {
    expect(readers()).toHaveLength(2);
  });

  test("a record that cannot be handled is isolated, tried a limited number of times, and reported", () => {
    for (const source of readers()) {
      const { Properties } = source;
      expect(Properties, source.id).toMatchObject({
        StartingPosition: "TRIM_HORIZON",
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        BisectBatchOnFunctionError: true,
        ParallelizationFactor: 10,
      });
      expect(Properties["MaximumRetryAttempts"], source.id).toBeLessThanOrEqual(10);
      expect(Properties["MaximumRecordAgeInSeconds"], source.id).toBeLessThanOrEqual(3600);
      const deadLetters = referred(app, source, Properties["DestinationConfig"].OnFailure.Destination);
      expect(deadLetters.Properties["MessageRetentionPeriod"], source.id).toBe(fourteenDays);
    }
  });

  test("the relay gets what is pending as it is inserted, ten at a time and without waiting", () => {
    const [source] = sourcesOf(lambdaFor(app, "functions/streams/outbox.handler").resource) as [Resource];
    expect(source.Properties["BatchSize"]).toBeLessThanOrEqual(10);
    expect(source.Properties["MaximumBatchingWindowInSeconds"] ?? 0).toBe(0);
    expect(filterOf("functions/streams/outbox.handler")).toEqual([
      { eventName: ["INSERT"], dynamodb: { NewImage: { __edb_e__: { S: ["journal-entry", "webhook"] }, gsi4pk: { S: [{ exists: true }] } } } },
    ]);
  });

  test("the projections get every change of buckets, events and ticket types, and nothing else", () => {
    const projected = { __edb_e__: { S: ["bucket", "event", "ticket-type"] } };
    expect(filterOf("functions/streams/projections.handler")).toEqual([
      { eventName: ["INSERT", "MODIFY"], dynamodb: { NewImage: projected } },
      { eventName: ["REMOVE"], dynamodb: { OldImage: projected } },
    ]);
  });
});

/** In the largest unit that fits, as CloudFormation is told. */
function rateOf(minutes: number): string {
  const [unit, length] = (
    [
      ["day", 1_440],
      ["hour", 60],
      ["minute", 1],
    ] as const
  ).find(([, size]) => minutes % size === 0)!;
  const count = minutes / length;
  return `rate(${count} ${unit}${count === 1 ? "" : "s"})`;
}

describe("schedules", () => {
  test("each entry of the manifest runs at its interval, and what could not run is kept", () => {
    expect(ofType(app, "AWS::Scheduler::Schedule")).toHaveLength(schedules.length);
    for (const { handler, everyMinutes, timeoutSeconds } of schedules) {
      const { resource } = lambdaFor(app, handler);
      expect(resource.Properties["Timeout"], handler).toBe(timeoutSeconds);
      const schedule = ofType(app, "AWS::Scheduler::Schedule").find(({ Properties }) => Properties["Target"].Arn["Fn::GetAtt"][0] === resource.id)!;
      expect(schedule.Properties, handler).toMatchObject({
        ScheduleExpression: rateOf(everyMinutes),
        State: "ENABLED",
        Target: { RetryPolicy: { MaximumRetryAttempts: 2 } },
      });
      const deadLetters = referred(app, schedule, schedule.Properties["Target"].DeadLetterConfig.Arn);
      expect(deadLetters.Properties["MessageRetentionPeriod"], handler).toBe(fourteenDays);
    }
  });
});

describe("HTTP API", () => {
  const routes = (stack: string) => ofType(app, "AWS::ApiGatewayV2::Route").filter((route) => route.stack === stack);

  test("one function answers everything but the vendors' webhooks, all in payload format 2.0", () => {
    expect(
      routes("Api")
        .map(({ Properties }) => Properties["RouteKey"])
        .sort(),
    ).toEqual(["$default", "POST /webhooks/stripe", "POST /webhooks/wati/{token}"]);
    const integrations = ofType(app, "AWS::ApiGatewayV2::Integration").filter(({ stack }) => stack === "Api");
    for (const { Properties } of integrations) expect(Properties["PayloadFormatVersion"]).toBe("2.0");
  });

  test("API Gateway answers no preflight itself: which pages may call is decided in one place", () => {
    for (const { Properties } of ofType(app, "AWS::ApiGatewayV2::Api")) expect(Properties["CorsConfiguration"]).toBeUndefined();
  });

  test("every route is throttled, and each webhook on its own", () => {
    const stage = ofType(app, "AWS::ApiGatewayV2::Stage").find(({ stack }) => stack === "Api")!;
    expect(stage.Properties["DefaultRouteSettings"]).toMatchObject({ ThrottlingRateLimit: expect.any(Number), ThrottlingBurstLimit: expect.any(Number) });
    const webhooks = routes("Api").filter(({ Properties }) => Properties["RouteKey"] !== "$default");
    for (const { id, Properties } of webhooks) {
      expect(stage.Properties["RouteSettings"][Properties["RouteKey"]]).toMatchObject({ ThrottlingRateLimit: expect.any(Number) });
      expect(stage.DependsOn).toContain(id);
    }
  });

  test("the access log names nobody: no address, no agent, no path with a token in it", () => {
    const stage = ofType(app, "AWS::ApiGatewayV2::Stage").find(({ stack }) => stack === "Api")!;
    expect(stage.Properties["AccessLogSettings"].Format).not.toMatch(/\$context\.(path|identity|authorizer)/);
  });

  test("the WebSocket API has one function each for connecting, disconnecting and everything else", () => {
    expect(
      routes("Realtime")
        .map(({ Properties }) => Properties["RouteKey"])
        .sort(),
    ).toEqual(["$connect", "$default", "$disconnect"]);
  });
});
