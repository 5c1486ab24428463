import type { Money } from "../../contract/shapes.ts";
import type { PaymentStatus } from "./payments.contract.ts";

/** One payment as a provider knows it now; amounts are minor units of `currency`. */
export interface Charge {
  id: string;
  orderId: string;
  status: PaymentStatus;
  currency: string;
  amount: number;
  captured: number;
  refunded: number;
  failure?: string;
  /** Where the shopper must go. */
  actionUrl?: string;
  /** Why a person must look at it: a dispute, a refund that did not arrive. */
  trouble?: string;
}

/** A report that the provider sent of its own accord. */
export interface ProviderEvent {
  id: string;
  charge: Charge;
}

export interface Webhook {
  headers: Readonly<Record<string, string>>;
  raw: string;
}

export interface ChargeRequest {
  orderId: string;
  amount: Money;
  /** The card, by a name that the provider gave it; without one a provider with a page of its own sends the shopper there. */
  token?: string;
  /** The order's number and the shopper's address, for a page of the provider. */
  reference?: string;
  email?: string;
}

export interface RefundRequest {
  orderId: string;
  refundId: string;
  /** Minor units of the charge's currency. */
  amount: number;
}

/**
 * What the store asks of a payment provider. All is keyed by the order and the step, so a repeat has no further effect and
 * answers what stands. A call that cannot be answered throws `providerFault`: its outcome is unknown and it may be sent
 * again. What the provider refuses for good it throws as a refusal (4xx), or answers as the charge it has (a capture of a
 * charge that was voided answers that charge).
 */
export interface Provider {
  readonly name: "test" | "stripe";
  /**
   * Asks for the amount.
   * @throws 422 when the token is unknown
   */
  authorize(request: ChargeRequest): Promise<Charge>;
  capture(orderId: string): Promise<Charge | undefined>;
  /** Lets go of what is not captured; a captured charge is answered as it is. */
  void(orderId: string): Promise<Charge | undefined>;
  refund(request: RefundRequest): Promise<Charge>;
  /** The order's charge; what was charged before the call is found, whoever charged it. */
  retrieve(orderId: string): Promise<Charge | undefined>;
  /**
   * @returns undefined for a report that is none of the store's
   * @throws 400 `SIGNATURE_INVALID`
   */
  verifyWebhook(webhook: Webhook): Promise<ProviderEvent | undefined>;
  /** Reports of the last days that never reached us; left out where the provider keeps none. */
  missed?(): AsyncIterable<ProviderEvent>;
  /** Forgets every charge; for a sandbox. */
  wipe?(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The provider failed or its answer was lost: nobody knows whether the call had its effect. */
export const providerFault = (message: string): Error =>
  Object.assign(new Error(message), { type: "PROVIDER_FAULT" });
