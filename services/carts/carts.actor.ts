import type { Recent } from "../../mixins/recent.ts";
import type { SqlActor } from "../../mixins/sql.types.ts";
import type { ChangeItem } from "./carts.decide.ts";
import type { CreateItem, Created } from "./carts.create.ts";
import type { CartState } from "./carts.model.ts";

/** `this` of the carts actor. */
export interface CartsActor extends SqlActor {
  batches: {
    create(item: CreateItem): Promise<Created>;
    change(item: ChangeItem): Promise<CartState>;
  };
  /** Carts as this node wrote them last; where the database is shared, another node may have changed them since. */
  seen: Recent<CartState>;
  timers: NodeJS.Timeout[];
}
