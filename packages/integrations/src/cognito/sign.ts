import { createHash, createHmac } from "node:crypto";

export type Credentials = {
  accessKeyId: string;
  secretAccessKey: string;
  /** Of a role's credentials, as every Lambda has them. */
  sessionToken?: string | undefined;
};

export type SignedRequest = {
  host: string;
  region: string;
  service: string;
  /** Headers besides those that signing adds, names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Milliseconds since 1970; AWS refuses more than five minutes' difference from its own. */
  at: number;
};

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/**
 * The headers of `POST /` with AWS's Signature Version 4 over all of them. By hand, because the one request that we make does not
 * pay for the 530 KB of its client, nor for the 140 KB of the SDK's signer. @returns without `host`, which the connection sets
 */
export function signed({ host, region, service, headers, body, at }: SignedRequest, credentials: Credentials): Record<string, string> {
  const time = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const sent: Record<string, string> = {
    ...headers,
    "x-amz-date": time,
    ...(credentials.sessionToken ? { "x-amz-security-token": credentials.sessionToken } : {}),
  };
  const all: [string, string][] = Object.entries({ ...sent, host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = all.map(([name]) => name).join(";");
  const lines = all.map(([name, value]) => `${name}:${value.trim()}\n`).join("");
  const request = ["POST", "/", "", lines, names, sha256(body)].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, "aws4_request"].reduce(hmac, `AWS4${credentials.secretAccessKey}` as string | Buffer);
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, sha256(request)].join("\n")).toString("hex");
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}
