/**
 * The ledger of consents: what somebody allowed on a channel or took back, when, and where they said it. Rows are only added. The
 * channel is a keyed hash of the phone number or e-mail address, so that somebody who was erased is still not written to.
 *
 *  1. A consumer asks whether it may write to somebody.                              byChannel, the latest
 *  2. An order, a user or a message to us says yes or no, once however often told.   byChannel: absent
 *  3. A user sees what they said.                                                    byChannel
 *
 * The row itself is the record of who said it: no journal entry repeats it.
 */
import { Entity, type EntityItem } from "electrodb";
import { tableName } from "../config.ts";
import { client } from "../db/client.ts";
import { SERVICE } from "../db/service.ts";
import { Channel, ConsentState } from "./schema.ts";

export const Consents = new Entity(
  {
    model: { entity: "consent", version: "1", service: SERVICE },
    attributes: {
      channelKey: { type: "string", required: true },
      channel: { type: Channel.options, required: true },
      at: { type: "string", required: true },
      /** `order:<id>`, `me`, `webhook:<vendor>` */
      source: { type: "string", required: true },
      state: { type: ConsentState.options, required: true },
      by: { type: "any", required: true },
      recordedAt: { type: "string", required: true },
    },
    indexes: {
      byChannel: {
        pk: { field: "pk", composite: ["channel", "channelKey"], template: "CONSENT#${channel}#${channelKey}", casing: "none" },
        sk: { field: "sk", composite: ["at", "source"], template: "${at}#${source}", casing: "none" },
      },
    },
  },
  { client, table: tableName() },
);
export type ConsentRow = EntityItem<typeof Consents>;
