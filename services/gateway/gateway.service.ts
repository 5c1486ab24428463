import ApiGateway from "moleculer-web";
import { implement } from "../../contract/implement.ts";
import { contracts } from "../contracts.ts";
import { cluster, parked, resend } from "./gateway.cluster.ts";
import contract from "./gateway.contract.ts";
import { edge } from "./gateway.edge.ts";
import type { Gateway } from "./gateway.types.ts";

export default implement<typeof contract, Gateway>(contract, {
  mixins: [edge(contracts), ApiGateway],
  actions: { parked, resend, cluster },
  events: {
    "users.sessionsEnded"(ctx) {
      this.runtime.identities.forgetSessions((ctx.params as { sessions: string[] }).sessions);
    },
    "users.apiKeyRevoked"(ctx) {
      this.runtime.identities.forgetKey((ctx.params as { id: string }).id);
    },
  },
});
