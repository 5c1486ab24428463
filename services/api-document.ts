import { openApiDocument } from "../contract/openapi.ts";
import type { Json } from "../contract/openapi-parts.ts";
import { contracts } from "./contracts.ts";
import { schemas } from "./schemas.ts";
import { FeedEvent } from "./webhooks/webhooks.contract.ts";
import { eventTypes } from "./webhooks/webhooks.events.ts";

/** The OpenAPI document of this store's API; needs no running store. */
export const apiDocument = (): Json =>
  openApiDocument(contracts, schemas, { event: FeedEvent, types: eventTypes });
