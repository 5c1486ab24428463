import type { Migration } from "../../../mixins/migrations.ts";

/** What changed since is read from the log of events. `items.changed` stays for nodes of the version before; nothing reads it. */
export default {
  name: "003-changes-by-log",
  up: ["drop index items_changed"],
  down: ["create index items_changed on items (changed)"],
} satisfies Migration;
