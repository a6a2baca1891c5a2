import { randomBytes } from "node:crypto";
import { newKeys } from "@fashionistas/local/keys";
import { inject } from "vitest";

const tableName = `test-${randomBytes(6).toString("hex")}`;

/** Every test file gets a table and keys of its own, before anything of the product is imported. */
const { issuerKey, ...secrets } = newKeys();

Object.assign(process.env, {
  ...secrets,
  TEST_ISSUER_KEY: issuerKey,
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  DYNAMODB_ENDPOINT: inject("endpoint"),
  TABLE_NAME: tableName,
  KEYS_TABLE_NAME: `${tableName}-keys`,
  PERSON_KEY_FILE: inject("personKeyFile"),
  EVENT_BUS_NAME: "test",
  AUTH_AUDIENCE: "fashionistas",
  MESSAGE_DOUBT_SECONDS: "15",
  PAYMENT_STARTS_PER_SECOND: "1000",
  // Tests call far more often than people do, and still each call is counted by one write; tests of the limits set their own.
  RATE_LIMITS: ["read", "write", "purchase", "code", "sign_in"].map((name) => `${name}=360000/3600`).join(", "),
  POWERTOOLS_LOG_LEVEL: process.env["POWERTOOLS_LOG_LEVEL"] ?? "SILENT",
});
