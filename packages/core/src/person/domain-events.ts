import * as z from "zod";
import { defineDomainEvent } from "../domain-event.ts";

export const PersonErased = defineDomainEvent("person.erased", 1, z.object({ personId: z.string(), erasureId: z.string() }));
