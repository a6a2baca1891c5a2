import { Duration, RemovalPolicy } from "aws-cdk-lib/core";
import { type PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import { type App, Function, type FunctionProps, Stack } from "sst/constructs";

/** `production` keeps its data and refuses deletion; every other stage is thrown away whole. */
export const isProduction = (stage: string): boolean => stage === "production";

/** What happens to a table, secret, queue or log when it leaves the template: production keeps it, unless its creation failed. */
export const removalPolicy = (stage: string): RemovalPolicy => (isProduction(stage) ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY);

/** How long logs are kept: a quarter in production, two weeks elsewhere. */
export const logRetention = (stage: string): RetentionDays => (isProduction(stage) ? RetentionDays.THREE_MONTHS : RetentionDays.TWO_WEEKS);

/** What every function of the app is unless it says otherwise. Its log retention is set by `lambda()`. */
export const functionDefaults: FunctionProps = {
  runtime: "nodejs24.x",
  architecture: "arm_64",
  memorySize: 512,
  timeout: 10,
  // X-Ray would need a grant on every resource, and nothing here reads its traces.
  tracing: "disabled",
  nodejs: { format: "esm", minify: true, sourcemap: false },
};

export type LambdaProps = {
  /** SST handler path from the repository's root. */
  handler: string;
  description: string;
  /** Exactly what the code reads: nothing is added to it when deployed. */
  environment: Record<string, string>;
  /** Everything the function may do besides writing its own log. */
  may: PolicyStatement[];
  memoryMb?: number;
  timeoutSeconds?: number;
};

/** A function with a role and a log group of its own, and no grant that `may` does not name. */
export function lambda(stack: Stack, id: string, props: LambdaProps): Function {
  const role = new Role(stack, `${id}-role`, { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  const logGroup = new LogGroup(stack, `${id}-logs`, { retention: logRetention(stack.stage), removalPolicy: removalPolicy(stack.stage) });
  logGroup.grantWrite(role);

  const fn = Function.fromDefinition(stack, id, {
    handler: props.handler,
    description: props.description,
    environment: props.environment,
    permissions: props.may,
    role,
    logGroup,
    ...(props.memoryMb === undefined ? {} : { memorySize: props.memoryMb }),
    ...(props.timeoutSeconds === undefined ? {} : { timeout: props.timeoutSeconds }),
  });
  if (!fn._isLiveDevEnabled) dropSstVariables(fn);
  return fn;
}

/** An encrypted queue that only takes TLS. */
export function queue(stack: Stack, id: string, props: QueueProps): Queue {
  return new Queue(stack, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, removalPolicy: removalPolicy(stack.stage), ...props });
}

/** Fourteen days for a person to look at what could not be done, and to send it round again. */
export function deadLetterQueue(stack: Stack, id: string): Queue {
  return queue(stack, id, { retentionPeriod: Duration.days(14) });
}

/** Only `sst/node/*` and the live debugger read these; our code reads its own configuration. */
function dropSstVariables(fn: Function): void {
  const template = fn.node.defaultChild as CfnFunction;
  for (const name of ["SST_APP", "SST_STAGE", "SST_SSM_PREFIX", "AWS_NODEJS_CONNECTION_REUSE_ENABLED"])
    template.addPropertyDeletionOverride(`Environment.Variables.${name}`);
}

/** SST gives every stack a helper function for its own custom resources. We use none, so none is deployed. */
export function dropUnusedSstResources(app: App): void {
  if (app.mode !== "deploy") return;
  for (const child of app.node.children) if (child instanceof Stack) child.node.tryRemoveChild("CustomResourceHandler");
}
