import { handle } from "hono/aws-lambda";
import "../edge.ts";
import "../personal-data.ts";
import { app } from "./app.ts";

/** API Gateway HTTP API, payload format 2.0. */
export const handler = handle(app);
