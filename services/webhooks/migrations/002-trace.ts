import type { Migration } from "../../../mixins/migrations.ts";

/** Where an event stood in its trace: the webhook goes on from there. */
export default {
  name: "002-trace",
  up: ["alter table deliveries add column trace text"],
  down: ["alter table deliveries drop column trace"],
} satisfies Migration;
