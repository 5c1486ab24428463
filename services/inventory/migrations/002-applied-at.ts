import type { Migration } from "../../../mixins/migrations.ts";

export default {
  name: "002-applied-at",
  up: ["create index applied_at on applied (at)"],
  down: ["drop index applied_at"],
} satisfies Migration;
