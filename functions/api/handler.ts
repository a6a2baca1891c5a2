import { handle } from "hono/aws-lambda";
import "../edge.ts";
import "../personal-data.ts";
import { app } from "./app.ts";

/** API Gateway HTTP API, payload format 2.0. A CSV file travels as bytes: read as a text it would lose its byte order mark. */
export const handler = handle(app, { isContentTypeBinary: (contentType) => contentType.startsWith("text/csv") });
