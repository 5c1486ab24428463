import type { Handler } from "../../contract/implement.ts";
import { wipeTables } from "../../mixins/wipe.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import type contract from "./payments.contract.ts";

const wiped = [
  "payments",
  "attempts",
  "refunds",
  "ledger_entries",
  "provider_events",
  "stripe_orders",
] as const;

export const wipe: Handler<typeof contract, "wipe", PaymentsActor> = async function () {
  const answer = await wipeTables(this, wiped);
  for (const provider of this.providers.values()) await provider.wipe?.();
  return answer;
};
