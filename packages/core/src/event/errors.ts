import { defineError, type FieldError } from "../error.ts";

const notFound = defineError("event.not_found", "missing", "Event not found");
/** `fields`: where it was named, when it was not by the path. */
export const eventNotFound = (fields?: readonly FieldError[]) => notFound("There is no such event.", fields ? { fields } : {});
export const hasOrders = defineError("event.has_orders", "conflict", "Only drafts without orders can be deleted");
export const invalidTransition = defineError("event.invalid_transition", "conflict", "The event cannot go there from here");
export const reasonRequired = defineError("event.reason_required", "unprocessable", "Say why");
export const publishNotAllowed = defineError("event.publish_not_allowed", "forbidden", "Publishing needs the permission events: manage");
export const capacityTooSmall = defineError("event.capacity_too_small", "conflict", "More tickets are offered than the room takes");
export const belowSold = defineError("event.below_sold", "conflict", "More seats than that are sold or held");
export const capacitiesInvalid = defineError("event.capacities_invalid", "unprocessable", "These capacities do not belong to the event");
export const capacitiesFixed = defineError("event.capacities_fixed", "conflict", "Who shares a capacity is decided at publication");
export const currencyInUse = defineError("event.currency_in_use", "conflict", "The currency is used by ticket types");
export const notEditable = defineError("event.not_editable", "conflict", "The event is over or cancelled");
