import { createHash } from "node:crypto";
import { canonicalJson } from "@fashionistas/core/canonical";
import type { Context } from "hono";
import { isPersonal } from "./request.ts";

/** Answers a document with its ETag (version and hash), or 304 when the caller has it. */
export function document(c: Context, value: object): Response {
  const version = "version" in value ? value.version : 0;
  const etag = `"${String(version)}-${createHash("sha256").update(canonicalJson(value)).digest("base64url").slice(0, 16)}"`;
  const headers = { etag, ...(isPersonal(c) ? {} : { "cache-control": "public, max-age=0, must-revalidate" }) };
  const known = c.req.header("if-none-match");
  if (known && (known === "*" || tagsOf(known).some((tag) => tag.replace(/^W\//, "") === etag))) return c.body(null, 304, headers);
  return c.body(JSON.stringify(value), 200, { ...headers, "content-type": "application/json" });
}

/** The versions that If-Match allows; undefined when any will do. Weak or malformed tags match nothing. */
export function ifVersions(c: Context): number[] | undefined {
  const header = c.req.header("if-match");
  if (header === undefined || header.trim() === "*") return undefined;
  return tagsOf(header)
    .flatMap((tag) => /^"(\d+)-[\w-]+"$/.exec(tag)?.[1] ?? [])
    .map(Number);
}

function tagsOf(header: string): string[] {
  return header.split(",").map((tag) => tag.trim());
}
