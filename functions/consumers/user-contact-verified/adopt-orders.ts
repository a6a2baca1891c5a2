import * as Order from "@fashionistas/core/order";
import { UserContactVerified } from "@fashionistas/core/user/domain-events";
import { onDomainEvent } from "../../edge.ts";

/** What somebody bought as a guest becomes theirs, once they prove that its e-mail or phone is. */
export const handler = onDomainEvent("adopt-orders", async (envelope) => {
  const { userId } = UserContactVerified.of(envelope);
  await Order.adoptAll({ userId });
});
