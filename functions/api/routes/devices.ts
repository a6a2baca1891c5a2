import * as Device from "@fashionistas/core/device";
import { DeviceDocument, DeviceView, ListDevices, PairDevice, PairedDevice, Pairing } from "@fashionistas/core/device/schema";
import { DeviceIdSchema, newId, type DeviceId } from "@fashionistas/core/id";
import type { Context } from "hono";
import * as z from "zod";
import { PEOPLE, TEAM, TEAM_IN_PERSON } from "../access.ts";
import { endpoint, jsonBody, pathId, type Api } from "../endpoint.ts";
import { IdempotencyKeyHeader, repeatable } from "../middleware/idempotency.ts";

const tag = "Devices";
const params = z.object({ id: z.string().meta({ example: "dvc_01J8Z3K4M5N6P7Q8R9S0T1V2W3" }) });
const idOf = (c: Context): DeviceId => pathId(c, DeviceIdSchema, Device.deviceNotFound);

/** /devices: the phones and scanners at an event's doors. */
export function devices(app: Api): void {
  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/devices",
      access: TEAM_IN_PERSON.of("event"),
      tag,
      summary: "Make a device, and the code that pairs it",
      description: "The code works once, for ten minutes. The device brings it to POST /devices/pair.",
      headers: IdempotencyKeyHeader,
      body: DeviceDocument,
      success: { status: 201, description: "The device and its code", schema: Pairing },
    },
    async (c) => {
      const body = await jsonBody(c, DeviceDocument);
      const run = (deviceId: string) => Device.create({ ...body, deviceId });
      const pairing = await repeatable(c, { body, newResourceId: newId("dvc"), run, repeat: Device.createdAs });
      return c.json(pairing, 201, { location: `/devices/${pairing.device.id}` });
    },
  );

  endpoint(
    app,
    {
      method: "post",
      commits: true,
      path: "/devices/pair",
      access: PEOPLE,
      tag,
      summary: "Pair a device by its code",
      description: "Needs no token: the code is all. Send the key as X-Device-Key. When the answer was lost, delete the device and make it again.",
      limit: "code",
      repeating: "a code works once.",
      body: PairDevice,
      success: { status: 201, description: "The device and its key, which is in this answer and nowhere else", schema: PairedDevice },
      errors: ["device.code_not_found"],
    },
    async (c) => c.json(await Device.pair(await jsonBody(c, PairDevice)), 201),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/devices",
      access: TEAM.of("event"),
      tag,
      summary: "List the devices of an event",
      query: ListDevices,
      success: {
        status: 200,
        description: "Oldest first; those whose time is over for 90 days",
        schema: z.object({ items: z.array(DeviceView), nextCursor: z.string().nullable() }).meta({ example: { items: [], nextCursor: null } }),
      },
    },
    async (c) => c.json(await Device.list(c.req.query() as unknown as z.input<typeof ListDevices>)),
  );

  endpoint(
    app,
    {
      method: "get",
      path: "/devices/:id",
      access: TEAM.of("device"),
      tag,
      summary: "Get a device",
      params,
      success: { status: 200, description: "The device", schema: DeviceView },
    },
    async (c) => c.json(await Device.get({ deviceId: idOf(c) })),
  );

  endpoint(
    app,
    {
      method: "delete",
      commits: true,
      path: "/devices/:id",
      access: TEAM_IN_PERSON.of("device"),
      tag,
      summary: "Shut a device out",
      params,
      success: { status: 204, description: "Its key and its code open nothing any more, everywhere at once" },
    },
    async (c) => {
      await Device.revoke({ deviceId: idOf(c) });
      return c.body(null, 204);
    },
  );
}
