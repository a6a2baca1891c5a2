import { Messages, type MessageRow } from "./entity.ts";

/** The message under this key, or undefined. */
export async function find(key: string): Promise<MessageRow | undefined> {
  const { data } = await Messages.get({ key }).go({ consistent: true });
  return data ?? undefined;
}

/** The key of the message that brings an order's tickets. */
export function confirmationKey(orderId: string): string {
  return `order:${orderId}:confirmation`;
}

/** The key of the message that brings an invitation. */
export function invitationKey(invitationId: string): string {
  return `invitation:${invitationId}`;
}

/** The key of the message that tells a buyer whose payment came too late that it goes back: sent once. */
export function regretKey(orderId: string): string {
  return `order:${orderId}:regret`;
}
