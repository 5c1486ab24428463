import type { Config } from "../../config/config.ts";
import type { SqlActor } from "../../mixins/sql.types.ts";
import type { Dispatcher } from "./webhooks.dispatch.ts";
import type { FeedStream } from "./webhooks.stream.ts";

/** `this` of the webhooks actor. */
export interface WebhooksActor extends SqlActor {
  config: SqlActor["config"] & Config;
  dispatcher: Dispatcher;
  /** Streams of the feed that are open on this node. */
  streams: Set<FeedStream>;
  sweeper: NodeJS.Timeout | undefined;
}
