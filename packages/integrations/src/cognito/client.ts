import { optional, required } from "@fashionistas/core/config";
import { now } from "@fashionistas/core/context";
import { signed } from "./sign.ts";

const TIMEOUT_MS = 10_000;

/** No answer, or one that says: not now. The same call may be repeated: deleting twice is deleting once. */
export class CognitoBusyError extends Error {
  override readonly name = "CognitoBusyError";
}

/** Cognito refused the call itself, for example for want of a grant. `code` is its own word; its text may hold a user name. */
export class CognitoRefusedError extends Error {
  override readonly name = "CognitoRefusedError";
  readonly code: string;
  constructor(code: string) {
    super(`Cognito refused: ${code}`);
    this.code = code;
  }
}

const BUSY = ["TooManyRequestsException", "ThrottlingException", "InternalErrorException"];

/**
 * Deletes a user of a pool. @returns false when there was none
 * @throws CognitoBusyError, CognitoRefusedError
 */
export async function deleteUser({ userPoolId, username }: { userPoolId: string; username: string }): Promise<boolean> {
  const region = userPoolId.split("_")[0]!;
  const base = optional("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", `https://cognito-idp.${region}.amazonaws.com`);
  const body = JSON.stringify({ UserPoolId: userPoolId, Username: username });
  const headers = signed(
    {
      host: new URL(base).host,
      region,
      service: "cognito-idp",
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSCognitoIdentityProviderService.AdminDeleteUser" },
      body,
      at: now(),
    },
    {
      accessKeyId: required("AWS_ACCESS_KEY_ID"),
      secretAccessKey: required("AWS_SECRET_ACCESS_KEY"),
      sessionToken: optional("AWS_SESSION_TOKEN", undefined),
    },
  );
  const response = await post(base, headers, body);
  if (response.ok) return true;
  const code = await codeOf(response);
  if (code === "UserNotFoundException") return false;
  if (response.status >= 500 || BUSY.includes(code)) throw new CognitoBusyError(code);
  throw new CognitoRefusedError(code);
}

async function post(base: string, headers: Record<string, string>, body: string): Promise<Response> {
  try {
    return await fetch(new URL("/", base), { method: "POST", headers, body, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw new CognitoBusyError(error instanceof Error ? error.name : "no answer");
  }
}

/** The name of the exception, which some of AWS's services put behind a namespace. */
async function codeOf(response: Response): Promise<string> {
  const answer = (await response.json().catch(() => undefined)) as { __type?: unknown } | undefined;
  const type = typeof answer?.__type === "string" ? answer.__type : "";
  return /([A-Za-z]+)$/.exec(type)?.[1] ?? `status_${response.status}`;
}
