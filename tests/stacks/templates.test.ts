import { TABLE_INDEXES, TABLE_KEYS, TTL_ATTRIBUTE } from "@fashionistas/core/db/table";
import { type Consumer, consumers as manifest } from "@fashionistas/functions/consumers/manifest";
import { type Schedule, schedules as scheduleManifest } from "@fashionistas/functions/schedules/manifest";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { assemble, type Assembly, grants, lambdaFor, ofType, referred, type Resource, root } from "./assembly.ts";

const consumers: readonly Consumer[] = manifest;
const schedules: readonly Schedule[] = scheduleManifest;

/** What opens or writes personal data reads beside. */
const PERSONAL_DATA = ["KEYS_TABLE_NAME", "PERSON_KMS_KEY_ID"];
const opensPersonalData = new Set([
  "functions/api/handler.handler",
  ...[...consumers, ...schedules].flatMap(({ handler, personalData }) => (personalData ? [handler] : [])),
]);

/** What each function outside the manifests reads from its environment: no more, no less. Secrets are spelled out below. */
const environments: Record<string, string[]> = {
  "functions/api/handler.handler": ["TABLE_NAME", ...PERSONAL_DATA, "AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_JWKS_URL", "WEBSOCKET_URL"],
  "functions/webhooks/stripe.handler": ["TABLE_NAME"],
  "functions/webhooks/wati.handler": ["TABLE_NAME"],
  "functions/realtime/connect.handler": ["TABLE_NAME"],
  "functions/realtime/disconnect.handler": ["TABLE_NAME"],
  "functions/realtime/message.handler": ["TABLE_NAME", "WEBSOCKET_API_ENDPOINT"],
  "functions/streams/outbox.handler": ["TABLE_NAME", "EVENT_BUS_NAME"],
  "functions/streams/projections.handler": ["TABLE_NAME", "WEBSOCKET_API_ENDPOINT"],
};

const secretsOf: Record<string, readonly string[]> = {
  "functions/api/handler.handler": ["PERSON_HASH_KEY", "ORDER_TOKEN_KEY", "INVITATION_TOKEN_KEY", "TICKET_SIGNING_KEY", "STRIPE_SECRET_KEY"],
  "functions/webhooks/stripe.handler": ["STRIPE_WEBHOOK_SECRET"],
  "functions/webhooks/wati.handler": ["WATI_WEBHOOK_TOKEN", "PERSON_HASH_KEY"],
  ...Object.fromEntries([...consumers, ...schedules].map(({ handler, secrets }) => [handler, secrets])),
};

/** `Resource: "*"` that AWS offers no narrower form of, as `<who> <action>`, each with its reason. */
const unavoidableWildcards = new Map<string, string>();

const sorted = (values: Iterable<string>) => [...values].sort();

let production: Assembly;
let preview: Assembly;

beforeAll(async () => {
  preview = await assemble("preview");
  production = await assemble("production");
}, 300_000);

describe("limits", () => {
  test("no stack comes near CloudFormation's 500 resources", () => {
    for (const stack of production.stacks) {
      const count = production.resources.filter((resource) => resource.stack === stack).length;
      expect(count, stack).toBeLessThan(400);
    }
  });

  test("a stage differs from production in names and protection only", () => {
    expect(preview.stacks).toEqual(production.stacks);
    expect(preview.resources.map(({ stack, Type }) => `${stack} ${Type}`)).toEqual(production.resources.map(({ stack, Type }) => `${stack} ${Type}`));
  });
});

describe("functions", () => {
  test("every handler of both manifests exists and is deployed once", () => {
    for (const { handler } of [...consumers, ...schedules]) {
      expect(existsSync(join(root, handler.replace(/\.handler$/, ".ts"))), handler).toBe(true);
      lambdaFor(production, handler);
    }
  });

  test("nothing is deployed that is neither in a manifest nor known to this test", () => {
    const known = [...Object.keys(environments), ...consumers.map(({ handler }) => handler), ...schedules.map(({ handler }) => handler)];
    expect(sorted(production.lambdas.map(({ handler }) => handler))).toEqual(sorted(known));
  });

  test("every function runs nodejs24.x on arm64, and logs for a limited time to a log group of its own", () => {
    const logGroups = new Set<string>();
    for (const { resource, handler } of production.lambdas) {
      expect(resource.Properties, handler).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"] });
      const logs = referred(production, resource, resource.Properties["LoggingConfig"].LogGroup);
      expect(logs.Properties["RetentionInDays"], handler).toBe(90);
      logGroups.add(`${logs.stack}/${logs.id}`);
    }
    expect(logGroups.size).toBe(production.lambdas.length);
  });

  test("every function has a role of its own that only Lambda may assume", () => {
    const roles = new Set<string>();
    for (const { resource, handler } of production.lambdas) {
      const role = referred(production, resource, resource.Properties["Role"]);
      roles.add(`${role.stack}/${role.id}`);
      expect(role.Properties["AssumeRolePolicyDocument"].Statement, handler).toEqual([
        { Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" } },
      ]);
      expect(role.Properties["ManagedPolicyArns"], handler).toBeUndefined();
    }
    expect(roles.size).toBe(production.lambdas.length);
  });

  test("every function's environment holds exactly what it is declared to need", () => {
    for (const { handler, environment } of production.lambdas) {
      const secrets = secretsOf[handler] ?? [];
      const publishes = handler === "functions/schedules/republish-pending.handler" ? ["EVENT_BUS_NAME"] : [];
      const consumer = consumers.find((one) => one.handler === handler);
      const posts = consumer?.posts ? ["WEBSOCKET_API_ENDPOINT"] : [];
      const forgets = consumer?.forgetsUsers ? ["AUTH_USER_POOL_ID"] : [];
      const walks = schedules.some((schedule) => schedule.handler === handler && schedule.walksKeys) ? ["KEYS_TABLE_NAME"] : [];
      const personal = opensPersonalData.has(handler) && !environments[handler] ? PERSONAL_DATA : [];
      const expected = [...(environments[handler] ?? ["TABLE_NAME"]), ...personal, ...walks, ...secrets, ...publishes, ...forgets, ...posts];
      expect(sorted(Object.keys(environment)), handler).toEqual(sorted(expected));
    }
  });
});

describe("secrets", () => {
  test("reach only the functions that declare them, as references that CloudFormation resolves", () => {
    const names = ofType(production, "AWS::SecretsManager::Secret").map(({ Properties }) => (Properties["Name"] as string).split("/").at(-1)!);
    for (const { handler, environment } of production.lambdas) {
      for (const name of names) {
        const declared = secretsOf[handler]?.includes(name) ?? false;
        const expected = declared ? `{{resolve:secretsmanager:fashionistas/production/${name}:SecretString:::}}` : undefined;
        expect(environment[name], `${handler} ${name}`).toBe(expected);
      }
    }
  });

  test("have no value in any template, and start empty unless AWS can make them", () => {
    const generated: string[] = [];
    for (const { Properties } of ofType(production, "AWS::SecretsManager::Secret")) {
      expect(Properties["SecretString"], Properties["Name"]).toBeUndefined();
      if (Properties["GenerateSecretString"]) generated.push(Properties["Name"].split("/").at(-1));
    }
    expect(sorted(generated)).toEqual(["INVITATION_TOKEN_KEY", "ORDER_TOKEN_KEY", "PERSON_HASH_KEY", "WATI_WEBHOOK_TOKEN"]);
  });

  test("no function is granted to read one", () => {
    expect(grants(production).filter(({ actions }) => actions.some((action) => /^(secretsmanager|ssm):/.test(action)))).toEqual([]);
  });
});

describe("grants", () => {
  const actionsOf = (service: string) =>
    grants(production).flatMap(({ to, actions }) => actions.filter((action) => action.startsWith(`${service}:`)).map((action) => ({ to, action })));

  test("no role may do everything, of AWS or of one service", () => {
    for (const { to, actions } of grants(production)) for (const action of actions) expect(action, to).not.toContain("*");
  });

  test("no role may act on every resource, except where AWS has no narrower form", () => {
    for (const { to, actions, resources } of grants(production))
      if (resources.includes("*")) for (const action of actions) expect(unavoidableWildcards.has(`${to} ${action}`), `${to} ${action}`).toBe(true);
  });

  test("nobody scans the table or touches more than its items, and only retention walks through the keys", () => {
    const item = ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"];
    const stream = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
    for (const { to, action } of actionsOf("dynamodb")) {
      const allowed = to.startsWith("functions/streams/") ? [...item, ...stream] : item;
      if (action === "dynamodb:Scan") expect(to).toBe("functions/schedules/review-retention.handler");
      else expect(allowed, `${to} ${action}`).toContain(action.replace("dynamodb:", ""));
    }
  });

  test("only the relay and its sweeper publish to the bus", () => {
    expect(sorted(actionsOf("events").map(({ to, action }) => `${to} ${action}`))).toEqual([
      "functions/schedules/republish-pending.handler events:PutEvents",
      "functions/streams/outbox.handler events:PutEvents",
    ]);
  });

  test("only what opens or writes personal data reaches its keys, and the one key of KMS that opens them", () => {
    const [key] = ofType(production, "AWS::KMS::Key") as [Resource];
    expect(key.Properties["EnableKeyRotation"]).toBe(true);
    expect(sorted(actionsOf("kms").map(({ to, action }) => `${to} ${action}`))).toEqual(
      sorted([...opensPersonalData].flatMap((handler) => [`${handler} kms:Decrypt`, `${handler} kms:GenerateDataKey`])),
    );
    const scanned = grants(production).filter(({ actions }) => actions.includes("dynamodb:Scan"));
    expect(JSON.stringify(scanned.map(({ resources }) => resources))).not.toMatch(/data/i);
    const reachesKeys = grants(production).filter(
      ({ actions, resources }) =>
        actions.some((action) => action.startsWith("dynamodb:")) && /keys/i.test(JSON.stringify(resources)) && !/person/i.test(JSON.stringify(resources)),
    );
    expect(sorted(new Set(reachesKeys.map(({ to }) => to)))).toEqual(sorted([...opensPersonalData, "functions/schedules/review-retention.handler"]));
  });

  test("only the message handler, the projections and the consumers that say so post to connections", () => {
    expect(sorted(actionsOf("execute-api").map(({ to, action }) => `${to} ${action}`))).toEqual([
      "functions/consumers/session-ended/close-sockets.handler execute-api:ManageConnections",
      "functions/realtime/message.handler execute-api:ManageConnections",
      "functions/streams/projections.handler execute-api:ManageConnections",
    ]);
  });
});

describe("tables", () => {
  const tables = (assembly: Assembly) => ofType(assembly, "AWS::DynamoDB::GlobalTable");
  const data = (assembly: Assembly) => tables(assembly).find(({ Properties }) => Properties["StreamSpecification"])!;
  const keys = (assembly: Assembly) => tables(assembly).find(({ Properties }) => !Properties["StreamSpecification"])!;
  const schema = (pk: string, sk: string) => [
    { AttributeName: pk, KeyType: "HASH" },
    { AttributeName: sk, KeyType: "RANGE" },
  ];

  test("the table has the keys, indexes and time-to-live that core/db/table.ts names, all of them strings", () => {
    expect(tables(production)).toHaveLength(2);
    const { Properties } = data(production);
    expect(Properties["KeySchema"]).toEqual(schema(TABLE_KEYS.pk, TABLE_KEYS.sk));
    expect(Properties["GlobalSecondaryIndexes"]).toEqual(
      Object.entries(TABLE_INDEXES).map(([IndexName, { pk, sk }]) => ({ IndexName, KeySchema: schema(pk, sk), Projection: { ProjectionType: "ALL" } })),
    );
    expect(Properties["LocalSecondaryIndexes"]).toBeUndefined();
    expect(new Set(Properties["AttributeDefinitions"].map((attribute: Resource["Properties"]) => attribute["AttributeType"]))).toEqual(new Set(["S"]));
    expect(Properties["TimeToLiveSpecification"]).toEqual({ AttributeName: TTL_ATTRIBUTE, Enabled: true });
  });

  test("the table is billed by request, streams both images, and can be restored to any point of 35 days", () => {
    for (const assembly of [production, preview]) {
      const { Properties } = data(assembly);
      expect(Properties["BillingMode"]).toBe("PAY_PER_REQUEST");
      expect(Properties["StreamSpecification"]).toEqual({ StreamViewType: "NEW_AND_OLD_IMAGES" });
      expect(Properties["Replicas"]).toHaveLength(1);
      expect(Properties["Replicas"][0].PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 });
    }
  });

  test("a deleted personal-data key is gone from every copy after a week", () => {
    const { Properties } = keys(production);
    expect(Properties["KeySchema"]).toEqual(schema(TABLE_KEYS.pk, TABLE_KEYS.sk));
    expect(Properties["Replicas"][0].PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 });
  });

  test("only production refuses to delete its tables", () => {
    const protectedTables = (assembly: Assembly) => tables(assembly).map(({ Properties }) => Properties["Replicas"][0].DeletionProtectionEnabled);
    expect(protectedTables(production)).toEqual([true, true]);
    expect(protectedTables(preview)).toEqual([false, false]);
  });
});

describe("removal", () => {
  const holdsData = [
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::GlobalTable",
    "AWS::SecretsManager::Secret",
    "AWS::SQS::Queue",
    "AWS::Logs::LogGroup",
    "AWS::KMS::Key",
  ];

  test("production keeps what holds data, and leaves nothing at work that was taken out of the templates", () => {
    for (const { stack, id, Type, DeletionPolicy, UpdateReplacePolicy } of production.resources) {
      const keeps = holdsData.includes(Type);
      expect(DeletionPolicy ?? "Delete", `${stack}/${id}`).toBe(keeps ? "RetainExceptOnCreate" : "Delete");
      expect(UpdateReplacePolicy ?? "Delete", `${stack}/${id}`).toBe(keeps ? "Retain" : "Delete");
    }
  });

  test("every other stage disappears whole", () => {
    for (const { stack, id, DeletionPolicy, UpdateReplacePolicy } of preview.resources)
      expect([DeletionPolicy, UpdateReplacePolicy], `${stack}/${id}`).toEqual(["Delete", "Delete"]);
  });
});
