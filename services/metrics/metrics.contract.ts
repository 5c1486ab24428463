import { Type } from "typebox";
import { defineContract } from "../../contract/define.ts";
import { shape } from "../../contract/shapes.ts";

export default defineContract("metrics", {
  actions: {
    page: {
      summary: "The cluster's page of Prometheus figures; empty where METRICS_PORT is not set",
      params: shape({}),
      returns: shape({ type: Type.String(), body: Type.String() }),
      idempotent: "read",
      timeout: 5000,
    },
  },
});
