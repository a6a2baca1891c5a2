import http from "node:http";
import type { AddressInfo } from "node:net";
import { forgetUser } from "@fashionistas/integrations/cognito";
import { CognitoBusyError, CognitoRefusedError, deleteUser } from "@fashionistas/integrations/cognito/client";
import { type CognitoFake, startCognitoFake } from "@fashionistas/integrations/cognito/fake";
import { signed } from "@fashionistas/integrations/cognito/sign";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryStore } from "./memory-store.ts";

const POOL = "us-east-1_Fash10n";
const ANNA = { sub: "7c2e0a4e-0a51-4f0e-9b55-2f1f9a3f5f10", email: "anna@example.com" };
const BEA = { sub: "0f9f2b1c-6a58-4d38-8f0b-0c35a8f0a7be", email: "bea@example.com" };
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken: "a-session/token+=" };

let fake: CognitoFake;
const closers: (() => Promise<unknown> | unknown)[] = [];

async function start(options: { enforceRateLimits?: boolean } = {}): Promise<void> {
  fake = await startCognitoFake({ store: memoryStore(), userPoolId: POOL, credentials, ...options });
  closers.push(() => fake.close());
  vi.stubEnv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", fake.url);
  for (const user of [ANNA, BEA]) await fake.addUser(user);
}

beforeEach(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", credentials.sessionToken);
  vi.stubEnv("AUTH_USER_POOL_ID", POOL);
  await start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A Cognito that answers every call the same. */
async function answering(status: number, body: string): Promise<void> {
  const server = http.createServer((_, response) => void response.writeHead(status).end(body));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  vi.stubEnv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

describe("forgetting a user", () => {
  it("deletes that one from the pool and nobody else", async () => {
    expect(await forgetUser(ANNA.sub)).toBe(true);
    expect(await fake.users()).toEqual([BEA]);
  });

  it("may be repeated, at the same moment too, and done for somebody who was never there", async () => {
    await Promise.all([forgetUser(ANNA.sub), forgetUser(ANNA.sub), forgetUser(ANNA.sub)]);
    expect(await forgetUser(ANNA.sub)).toBe(true);
    expect(await forgetUser("nobody")).toBe(true);
    expect(await fake.users()).toEqual([BEA]);
  });

  it("says when the issuer is not ours to delete from, and asks nobody", async () => {
    vi.stubEnv("AUTH_USER_POOL_ID", "");
    vi.stubEnv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://127.0.0.1:1");
    expect(await forgetUser(ANNA.sub)).toBe(false);
  });

  it("is not taken for done when the pool is not there, a grant is missing, or the subject is none", async () => {
    vi.stubEnv("AUTH_USER_POOL_ID", "us-east-1_Another");
    await expect(forgetUser(ANNA.sub)).rejects.toMatchObject({ name: "CognitoRefusedError", code: "ResourceNotFoundException" });
    vi.stubEnv("AUTH_USER_POOL_ID", POOL);
    await expect(forgetUser("")).rejects.toMatchObject({ code: "InvalidParameterException" });
    await answering(400, JSON.stringify({ __type: "com.amazon.coral.service#AccessDeniedException", Message: "no" }));
    await expect(forgetUser(ANNA.sub)).rejects.toMatchObject({ code: "AccessDeniedException" });
  });

  it("waits for another time when Cognito is slow, down or throttles", async () => {
    for (const [status, body] of [
      [400, JSON.stringify({ __type: "TooManyRequestsException" })],
      [500, JSON.stringify({ __type: "InternalErrorException" })],
      [503, "<html>"],
    ] as const) {
      await answering(status, body);
      await expect(forgetUser(ANNA.sub)).rejects.toBeInstanceOf(CognitoBusyError);
    }
    vi.stubEnv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://127.0.0.1:1");
    await expect(forgetUser(ANNA.sub)).rejects.toBeInstanceOf(CognitoBusyError);
  });

  it("puts no word of the user into an error", async () => {
    await answering(400, JSON.stringify({ __type: "NotAuthorizedException", message: `User ${ANNA.email} ${ANNA.sub}` }));
    const error = await forgetUser(ANNA.sub).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CognitoRefusedError);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(new RegExp(`${ANNA.email}|${ANNA.sub}`));
  });
});

describe("signing", () => {
  it("is that of AWS's own test suite (post-vanilla)", () => {
    const { accessKeyId, secretAccessKey } = credentials;
    const request = { host: "example.amazonaws.com", region: "us-east-1", service: "service", headers: {}, body: "", at: Date.UTC(2015, 7, 30, 12, 36) };
    expect(signed(request, { accessKeyId, secretAccessKey })["authorization"]).toMatch(
      /Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b$/,
    );
  });

  it("is that of the SDK (@smithy/signature-v4 5.7.5) for the request that we make, with a role's credentials", () => {
    const request = {
      host: "cognito-idp.us-east-1.amazonaws.com",
      region: "us-east-1",
      service: "cognito-idp",
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSCognitoIdentityProviderService.AdminDeleteUser" },
      body: '{"UserPoolId":"us-east-1_abc","Username":"ü"}',
      at: Date.UTC(2026, 0, 2, 3, 4, 5),
    };
    expect(signed(request, credentials)["authorization"]).toBe(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/cognito-idp/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=23495d8267fcda23eea34ea07cf27f19a00abfefe39a9221ff0936f42b6b6a62",
    );
  });
});

describe("the stand-in", () => {
  const BODY = { UserPoolId: POOL, Username: ANNA.sub };

  async function call({
    body = JSON.stringify(BODY),
    signedBody = body,
    operation = "AdminDeleteUser",
    by = credentials,
    region = "us-east-1",
    without = [],
  }: {
    body?: string;
    signedBody?: string;
    operation?: string;
    by?: typeof credentials;
    region?: string;
    without?: string[];
  } = {}) {
    const headers = signed(
      {
        host: new URL(fake.url).host,
        region,
        service: "cognito-idp",
        headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `AWSCognitoIdentityProviderService.${operation}` },
        body: signedBody,
        at: Date.now(),
      },
      by,
    );
    for (const name of without) delete headers[name];
    const response = await fetch(fake.url, { method: "POST", headers, body });
    return response.ok ? "ok" : ((await response.json()) as { __type: string }).__type;
  }

  it.each([
    ["no signature", { without: ["authorization"] }, "MissingAuthenticationTokenException"],
    ["no date", { without: ["x-amz-date"] }, "IncompleteSignatureException"],
    ["a stranger's key", { by: { ...credentials, accessKeyId: "AKIDSTRANGER" } }, "UnrecognizedClientException"],
    ["no session token", { without: ["x-amz-security-token"] }, "UnrecognizedClientException"],
    ["a wrong secret", { by: { ...credentials, secretAccessKey: "guessed" } }, "InvalidSignatureException"],
    ["another region's signature", { region: "eu-west-1" }, "InvalidSignatureException"],
    ["another body than was signed", { signedBody: JSON.stringify({ ...BODY, Username: BEA.sub }) }, "InvalidSignatureException"],
    ["an operation that it does not have", { operation: "AdminCreateUser" }, "UnknownOperationException"],
    ["no JSON", { body: "{" }, "SerializationException"],
    ["a field that the reference does not name", { body: JSON.stringify({ ...BODY, Force: true }) }, "SerializationException"],
    ["no user name", { body: JSON.stringify({ UserPoolId: POOL }) }, "InvalidParameterException"],
    ["a user name with spaces", { body: JSON.stringify({ ...BODY, Username: "anna b" }) }, "InvalidParameterException"],
    ["a pool id that can be none", { body: JSON.stringify({ ...BODY, UserPoolId: "pool" }) }, "InvalidParameterException"],
    ["another pool", { body: JSON.stringify({ ...BODY, UserPoolId: "us-east-1_Other" }) }, "ResourceNotFoundException"],
    ["somebody who is not there", { body: JSON.stringify({ ...BODY, Username: "nobody" }) }, "UserNotFoundException"],
  ])("refuses %s, and keeps everybody", async (_, wrong, type) => {
    expect(await call(wrong)).toBe(type);
    expect(await fake.users()).toHaveLength(2);
  });

  it("finds a user by subject, or by the alias of their address", async () => {
    expect(await call()).toBe("ok");
    expect(await call({ body: JSON.stringify({ ...BODY, Username: "BEA@example.com" }) })).toBe("ok");
    expect(await fake.users()).toEqual([]);
  });

  it("can be as slow as the quota of an account", async () => {
    await start({ enforceRateLimits: true });
    const answers = await Promise.allSettled(Array.from({ length: 60 }, () => deleteUser({ userPoolId: POOL, username: "nobody" })));
    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(CognitoBusyError);
  });
});
