import { Logger } from "@aws-lambda-powertools/logger";
import type { Actor } from "@fashionistas/core/actor";
import { withContext } from "@fashionistas/core/context";
import { Envelope } from "@fashionistas/core/domain-event";
import { VisibleError } from "@fashionistas/core/error";
import { newId } from "@fashionistas/core/id";
import { log, setLogSink } from "@fashionistas/core/log";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, SQSBatchResponse, SQSEvent } from "aws-lambda";

/** The few wrappers that every entry uses: restore who is calling, call one verb, answer as the trigger expects. */

const logger = new Logger({ serviceName: "fashionistas" });
setLogSink({
  info: (message, fields) => logger.info(message, fields ?? {}),
  warn: (message, fields) => logger.warn(message, fields ?? {}),
  error: (message, fields) => logger.error(message, fields ?? {}),
});

/** Name and message of an error for the log: never a body, a stack of values or personal data. */
export function errorFields(error: unknown): { error: string; reason: string } {
  return error instanceof Error ? { error: error.name, reason: error.message } : { error: "unknown", reason: typeof error };
}

/** Runs work that no request is waiting for. */
function asMachine<T>(actor: Actor, work: () => Promise<T>, trace?: { correlationId: string; causationId: string }): Promise<T> {
  const requestId = newId("req");
  return withContext({ actor, requestId, correlationId: trace?.correlationId ?? requestId, ...(trace ? { causationId: trace.causationId } : {}) }, work);
}

/** A consumer of domain events behind its queue. One failed event is retried alone, in the end it goes to the dead letters. */
export function onDomainEvent(name: string, effect: (envelope: Envelope) => Promise<unknown>) {
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const outcomes = await Promise.all(
      event.Records.map(async ({ body, messageId }) => {
        try {
          const envelope = Envelope.parse((JSON.parse(body) as { detail: unknown }).detail);
          await asMachine({ kind: "system", name }, () => effect(envelope), { correlationId: envelope.correlationId, causationId: envelope.id });
          return [];
        } catch (error) {
          log.warn("consumer failed", { consumer: name, messageId, ...errorFields(error) });
          return [{ itemIdentifier: messageId }];
        }
      }),
    );
    return { batchItemFailures: outcomes.flat() };
  };
}

/** Something that runs by the clock. */
export function onSchedule(name: string, work: () => Promise<unknown>) {
  return async (): Promise<void> => {
    await asMachine({ kind: "schedule", name }, work);
  };
}

/** Runs work on records of the table's stream. */
export function onStream<T>(name: string, work: () => Promise<T>): Promise<T> {
  return asMachine({ kind: "system", name }, work);
}

/** A vendor's webhook: the raw body, and a status in return. What is wrong with it is told by its code only. */
export function onWebhook(
  vendor: string,
  receive: (request: { rawBody: string; header(name: string): string | undefined; path(name: string): string }) => Promise<unknown>,
) {
  return async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const rawBody = event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString("utf8") : (event.body ?? "");
    const request = { rawBody, header: (name: string) => event.headers[name], path: (name: string) => event.pathParameters?.[name] ?? "" };
    try {
      await asMachine({ kind: "webhook", vendor }, () => receive(request));
      return answer(200, { received: true });
    } catch (error) {
      log.warn("webhook refused", { vendor, ...errorFields(error) });
      if (!(error instanceof VisibleError)) return answer(500, { code: "internal" });
      return answer(error.kind === "missing" ? 404 : error.kind === "unavailable" ? 503 : 400, { code: error.code });
    }
  };
}

function answer(statusCode: number, body: unknown): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { "content-type": "application/json", "cache-control": "no-store" }, body: JSON.stringify(body) };
}
