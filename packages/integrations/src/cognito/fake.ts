import { timingSafeEqual } from "node:crypto";
import { type Call, createRateLimit, type Reply, serveLoopback } from "../fake-server.ts";
import type { FakeStore, RunningFake } from "../fake-store.ts";
import { type Credentials, signed } from "./sign.ts";

export type CognitoUser = { sub: string; email: string };

export type CognitoFakeOptions = {
  /** Keeps everything; nothing lives only in memory. */
  store: FakeStore;
  /** 0 or left out: a free port. */
  port?: number;
  userPoolId: string;
  credentials: Credentials;
  /** 25 calls a second, the quota of an account that asked for no more; off by default. */
  enforceRateLimits?: boolean;
};

export type CognitoFake = RunningFake & {
  addUser(user: CognitoUser): Promise<void>;
  users(): Promise<CognitoUser[]>;
};

const COLLECTION = "cognito-users";
const TARGET = /^AWSCognitoIdentityProviderService\.(\w+)$/;
const AUTHORIZATION = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const POOL_ID = /^[\w-]+_[0-9a-zA-Z]+$/;
const USERNAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u;

const failure = (type: string, message: string, status = 400): Reply => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": `${type}:` },
  body: JSON.stringify({ __type: type, message }),
});

/** A loopback Cognito with one user pool and `AdminDeleteUser`, as strict as its reference: it checks the signature of every call. */
export async function startCognitoFake(options: CognitoFakeOptions): Promise<CognitoFake> {
  const { store, userPoolId, credentials } = options;
  const withinRate = createRateLimit(25, 1_000);

  async function adminDeleteUser(input: Record<string, unknown>): Promise<Reply> {
    const { UserPoolId, Username, ...unknown } = input;
    const [extra] = Object.keys(unknown);
    if (extra !== undefined) return failure("SerializationException", `Unknown field ${extra}`);
    if (typeof UserPoolId !== "string" || UserPoolId.length > 55 || !POOL_ID.test(UserPoolId))
      return failure("InvalidParameterException", "Value at 'userPoolId' failed to satisfy constraint");
    if (typeof Username !== "string" || Username.length > 128 || !USERNAME.test(Username))
      return failure("InvalidParameterException", "Value at 'username' failed to satisfy constraint");
    if (UserPoolId !== userPoolId) return failure("ResourceNotFoundException", `User pool ${UserPoolId} does not exist.`);
    const user = (await users()).find(({ sub, email }) => sub === Username || email === Username.toLowerCase());
    if (!user) return failure("UserNotFoundException", "User does not exist.");
    await store.remove(COLLECTION, user.sub);
    return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" } };
  }

  async function handle(call: Call): Promise<Reply> {
    if (call.method !== "POST" || call.path !== "/") return failure("UnknownOperationException", "", 404);
    if (call.headers["content-type"] !== "application/x-amz-json-1.1") return failure("SerializationException", "content-type");
    const [, operation] = TARGET.exec(String(call.headers["x-amz-target"])) ?? [];
    const refusal = refusedFor(call, credentials, userPoolId.split("_")[0]!);
    if (refusal) return refusal;
    if (operation !== "AdminDeleteUser") return failure("UnknownOperationException", "");
    if (options.enforceRateLimits && !withinRate()) return failure("TooManyRequestsException", "Rate exceeded");
    let input: unknown;
    try {
      input = JSON.parse(call.body);
    } catch {
      return failure("SerializationException", "not JSON");
    }
    if (typeof input !== "object" || input === null || Array.isArray(input)) return failure("SerializationException", "not an object");
    return adminDeleteUser(input as Record<string, unknown>);
  }

  const users = async () => (await store.list<CognitoUser>(COLLECTION)).map(({ value }) => value);
  const running = await serveLoopback(options.port ?? 0, handle);
  return { ...running, users, addUser: (user) => store.put(COLLECTION, user.sub, user) };
}

/** What is wrong with a call's signature. */
function refusedFor({ headers, body }: Call, credentials: Credentials, region: string): Reply | undefined {
  if (!headers.authorization) return failure("MissingAuthenticationTokenException", "Missing Authentication Token");
  const [, accessKeyId, day, ...rest] = AUTHORIZATION.exec(headers.authorization) ?? [];
  const [its, service, names = ""] = rest;
  const [, ...time] = TIME.exec(String(headers["x-amz-date"])) ?? [];
  if (!accessKeyId || time.length !== 6 || time.slice(0, 3).join("") !== day) return failure("IncompleteSignatureException", "Authorization");
  if (accessKeyId !== credentials.accessKeyId || headers["x-amz-security-token"] !== credentials.sessionToken)
    return failure("UnrecognizedClientException", "The security token included in the request is invalid.");
  if (its !== region || service !== "cognito-idp") return failure("InvalidSignatureException", "Credential should be scoped to a valid region and service.");

  const [year, month, date, hour, minute, second] = time.map(Number);
  const given = new Set(["host", "x-amz-date", "x-amz-security-token"]);
  const signedHeaders = names.split(";").filter((name) => !given.has(name));
  if (!["content-type", "x-amz-target"].every((name) => signedHeaders.includes(name)))
    return failure("InvalidSignatureException", "what says what is asked for must be signed");
  const expected = signed(
    {
      host: headers.host ?? "",
      region,
      service,
      headers: Object.fromEntries(signedHeaders.map((name) => [name, String(headers[name])])),
      body,
      at: Date.UTC(year!, month! - 1, date, hour, minute, second),
    },
    credentials,
  );
  const [mine, theirs] = [Buffer.from(expected["authorization"]!), Buffer.from(headers.authorization)];
  if (mine.length === theirs.length && timingSafeEqual(mine, theirs)) return undefined;
  return failure("InvalidSignatureException", "The request signature we calculated does not match the signature you provided.");
}
