import type { PaymentsActor } from "./payments.actor.ts";

/** Where shoppers reach the shop: providers send them back there. */
export const originOf = ({ config }: Pick<PaymentsActor, "config">): string =>
  config.publicUrl ?? `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${config.port}`;

/** The page of an order, which shows by itself what became of the payment. */
export const orderPage = (actor: Pick<PaymentsActor, "config">, orderId: string): string =>
  `${originOf(actor)}/orders/${orderId}`;
