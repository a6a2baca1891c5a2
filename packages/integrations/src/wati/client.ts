import { optional, required } from "@fashionistas/core/config";
import { log } from "@fashionistas/core/log";

const TIMEOUT_MS = 10_000;
const DEFAULT_BASE = "https://live-mt-server.wati.io";

/** WATI took the message. It will tell by webhook how far it came. */
export type Accepted = { outcome: "accepted" };
/** WATI said no, for good: `failure` is its code or a short word, never its text. */
export type Refused = { outcome: "refused"; failure: string };

/** It said: not now. Nothing was sent; the same send may be repeated. */
export class WatiBusyError extends Error {
  override readonly name = "WatiBusyError";
}

/** No answer, or an answer that tells nothing: the message may have been sent. WATI has no idempotency: never resend at once. */
export class WatiOutcomeUnknownError extends Error {
  override readonly name = "WatiOutcomeUnknownError";
}

export type TemplateSend = { template: string; broadcast: string; phone: string; localMessageId: string; params: readonly { name: string; value: string }[] };

/**
 * Sends one template message (v3 send, a batch of one recipient).
 * @throws WatiBusyError, WatiOutcomeUnknownError
 */
export async function sendTemplate({ template, broadcast, phone, localMessageId, params }: TemplateSend): Promise<Accepted | Refused> {
  const channel = optional("WATI_CHANNEL", undefined);
  const body = {
    ...(channel ? { channel } : { channel: null }),
    template_name: template,
    broadcast_name: broadcast,
    recipients: [{ phone_number: phone, local_message_id: localMessageId, custom_params: params }],
  };
  const response = await post("/api/ext/v3/messageTemplates/send", body);
  if (response.status === 429) throw new WatiBusyError("rate or quota");
  if (response.status >= 500) throw new WatiOutcomeUnknownError(`status ${response.status}`);
  if (response.status === 401 || response.status === 403) throw new WatiBusyError(`credentials refused (${response.status})`);
  if (!response.ok) return refusal(`status_${response.status}`);
  return outcomeOf((await response.json().catch(() => undefined)) as V3Answer | undefined, localMessageId);
}

async function post(path: string, body: unknown): Promise<Response> {
  try {
    return await fetch(`${optional("WATI_API_BASE", DEFAULT_BASE)}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${tokenOf(required("WATI_ACCESS_TOKEN"))}` },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new WatiOutcomeUnknownError(error instanceof Error ? error.name : "no answer");
  }
}

// A token copied from the dashboard often begins with "Bearer ".
function tokenOf(text: string): string {
  return text.replace(/^Bearer\s+/i, "");
}

type V3Answer = { success?: boolean; error?: string | null; recipients?: { local_message_id?: string; errors?: unknown[] }[] };

// 200 is not yes: it can say success false, carry errors for the recipient, or leave the recipient out.
function outcomeOf(answer: V3Answer | undefined, localMessageId: string): Accepted | Refused {
  if (answer === undefined || typeof answer.success !== "boolean") throw new WatiOutcomeUnknownError("unknown shape");
  if (!answer.success) return refusal("not_accepted");
  const mine = answer.recipients?.find((recipient) => recipient.local_message_id === localMessageId);
  if (!mine) return refusal("recipient_invalid");
  return (mine.errors ?? []).length > 0 ? refusal("recipient_refused") : { outcome: "accepted" };
}

function refusal(failure: string): Refused {
  log.warn("wati refused a message", { failure });
  return { outcome: "refused", failure };
}
