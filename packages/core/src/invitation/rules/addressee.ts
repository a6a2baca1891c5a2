/**
 * May this user accept an invitation that went to one e-mail address or phone number? Links get forwarded, so:
 *
 *   by e-mail     only who has proved that the address is theirs: whoever invites passes the link on by themselves
 *   by WhatsApp   we sent the link to the phone alone, so having it proves much. Nobody has to prove their number to sign in, but
 *                 who has proved another one is somebody else
 */
export function isAddressee(
  { via, contactKey }: { via: "email" | "whatsapp"; contactKey: string },
  { emailKey, phoneKey }: { emailKey?: string | undefined; phoneKey?: string | undefined },
): boolean {
  if (via === "email") return emailKey === contactKey;
  return phoneKey === undefined || phoneKey === contactKey;
}
