import type { Config } from "../../config/config.ts";
import type { SqlActor } from "../../mixins/sql.types.ts";
import type { Mailer } from "./notifications.mailer.ts";
import type { Ended, MailRow } from "./notifications.model.ts";
import type { Shop } from "./notifications.templates.ts";

/** `this` of the notifications actor. */
export interface NotificationsActor extends SqlActor {
  config: SqlActor["config"] & Config;
  shop: Shop;
  mailer: Mailer;
  /** Notes how the try of a mail ended. */
  settle(ended: Ended): Promise<void>;
  /** Mails on disk that this node took for their first try as it wrote them. */
  taken: MailRow[];
  ticker: NodeJS.Timeout | undefined;
  /** The round that begins in a moment. */
  soon: NodeJS.Timeout | undefined;
  /** The round that is sending now; a second one waits for the next tick. */
  sending: Promise<void> | undefined;
  /** Sends what is due, soon. */
  wake(): void;
}
