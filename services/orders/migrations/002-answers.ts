import type { Migration } from "../../../mixins/migrations.ts";

/**
 * What a key was answered with is written once and beside the key: a key's row that grew from 150 bytes to 1,500 was a twentieth
 * of what an order wrote. `keys.status` and `keys.body` hold what versions before this step answered.
 */
export default {
  name: "002-answers",
  up: [
    `create table answers (caller text not null, key text not null, status bigint not null, body text not null, primary key (caller, key))`,
  ],
  down: ["drop table answers"],
} satisfies Migration;
