import { defineError } from "@fashionistas/core/error";
import type { MiddlewareHandler } from "hono";
import type { Env } from "./request.ts";

const headersTooLarge = defineError("request.headers_too_large", "headers_too_large", "The headers are too large");
const queryTooLong = defineError("request.query_too_long", "query_too_long", "The query is too long");

/** API Gateway itself takes 10,240 bytes of request line and headers together; one header holds a token with room to spare. */
const MAX_HEADERS = 100;
const MAX_HEADERS_BYTES = 8_192;
const MAX_HEADER_BYTES = 6_144;
const MAX_QUERY_BYTES = 4_096;

/** Before anything is done for a request. @throws request.headers_too_large, request.query_too_long */
export const size: MiddlewareHandler<Env> = async (c, next) => {
  const sizes = [...c.req.raw.headers].map(([name, value]) => ({ name, bytes: name.length + value.length }));
  const largest = sizes.find(({ bytes }) => bytes > MAX_HEADER_BYTES);
  if (largest)
    throw headersTooLarge(`Send at most ${MAX_HEADER_BYTES} bytes in a header.`, { fields: [{ path: largest.name.slice(0, 100), message: "Too large." }] });
  if (sizes.length > MAX_HEADERS) throw headersTooLarge(`Send at most ${MAX_HEADERS} headers.`);
  if (sizes.reduce((sum, { bytes }) => sum + bytes, 0) > MAX_HEADERS_BYTES)
    throw headersTooLarge(`Send at most ${MAX_HEADERS_BYTES} bytes in all headers together.`);
  const at = c.req.url.indexOf("?");
  if (at >= 0 && c.req.url.length - at - 1 > MAX_QUERY_BYTES) throw queryTooLong(`Send at most ${MAX_QUERY_BYTES} bytes in the query.`);
  return next();
};
