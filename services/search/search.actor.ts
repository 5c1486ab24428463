import type { Actor } from "../../mixins/sql.types.ts";
import type { Follower } from "./search.follower.ts";
import type { SearchIndex } from "./search.index.ts";

/** `this` of the search actor. */
export interface SearchActor extends Actor {
  follower: Follower;
  /**
   * The index that answers now.
   * @throws 503 `SEARCH_NOT_READY` until the first one is built
   */
  readyIndex(): SearchIndex;
}
