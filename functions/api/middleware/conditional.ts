import { createHash } from "node:crypto";
import type { Context } from "hono";
import { isPersonal } from "./request.ts";

/** A version that no document has: a malformed If-Match matches nothing. */
const NO_VERSION = -1;

/** Answers a document with its ETag, or 304 when the caller has it. */
export function document(c: Context, value: object): Response {
  const text = JSON.stringify(value);
  const etag = `"${"version" in value ? value.version : 0}-${createHash("sha256").update(text).digest("base64url").slice(0, 16)}"`;
  const headers = { etag, ...(isPersonal(c) ? {} : { "cache-control": "public, max-age=0, must-revalidate" }) };
  const known = c.req.header("if-none-match");
  if (known && (known === "*" || known.split(",").some((one) => one.trim().replace(/^W\//, "") === etag))) return c.body(null, 304, headers);
  return c.body(text, 200, { ...headers, "content-type": "application/json" });
}

/** The version that If-Match asks for; undefined when any will do. */
export function ifVersion(c: Context): number | undefined {
  const header = c.req.header("if-match");
  if (header === undefined || header === "*") return undefined;
  const version = /^"(\d+)-[\w-]+"$/.exec(header)?.[1];
  return version === undefined ? NO_VERSION : Number(version);
}
