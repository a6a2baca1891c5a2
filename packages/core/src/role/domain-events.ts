import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

export const RoleChanged = defineDomainEvent("role.changed", 1, z.object({ role: z.string() }));
