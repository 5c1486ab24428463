import { Type, type Static } from "typebox";
import { defineContract } from "../../contract/define.ts";
import {
  Id,
  Limit,
  Line,
  nullable,
  oneOf,
  page,
  paging,
  shape,
  Text,
  Time,
  Version,
} from "../../contract/shapes.ts";
import { choices, eventTypes } from "./webhooks.events.ts";

/** Grows by one with each event of the feed; the number of its place in it. */
const Sequence = Type.Integer({ minimum: 0, maximum: 9_007_199_254_740_991 });

/** The same in the feed, on the stream and as the body of a webhook. */
export const FeedEvent = shape(
  {
    id: Id,
    sequence: Sequence,
    type: Line(80),
    /** What the event is about: an order, a product, a SKU; events of one entity come in order. */
    entity: Type.String({ maxLength: 200 }),
    /** Version of the entity. */
    version: Type.Integer(),
    timestamp: Time,
    data: Type.Unknown(),
  },
  { description: "Something that happened in the store" },
);
export type FeedEvent = Static<typeof FeedEvent>;

const Types = Type.Array(oneOf(...choices), { minItems: 1, maxItems: 30, uniqueItems: true });
const Url = Type.String({ minLength: 10, maxLength: 2000, pattern: "^https?://[^\\s\\u0000-\\u001f]+$" });
const Description = Text(500);

export const WebhookEndpoint = shape({
  id: Id,
  url: Url,
  types: Types,
  description: Description,
  enabled: Type.Boolean(),
  /** Why the store switched it off: it answered 410, or failed for days. */
  disabledReason: nullable(oneOf("gone", "failing", "manual")),
  failingSince: nullable(Time),
  createdAt: Time,
  /** Until then the secret before the last rotation signs too. */
  previousSecretUntil: nullable(Time),
  version: Version,
});
export type WebhookEndpoint = Static<typeof WebhookEndpoint>;

const Secret = Type.String({ description: "Shown this once: `whsec_` and the key in base64" });
const WithSecret = shape({ ...WebhookEndpoint.properties, secret: Secret });

const Status = oneOf("pending", "delivered", "failed");

export const WebhookDelivery = shape({
  id: Id,
  endpointId: Id,
  /** The header `webhook-id` of every try, by which a receiver knows a repeat. */
  eventId: Id,
  sequence: nullable(Sequence),
  type: Line(80),
  entity: Type.String(),
  status: Status,
  attempts: Type.Integer(),
  lastStatus: nullable(Type.Integer()),
  lastError: nullable(Type.String()),
  createdAt: Time,
  nextAttemptAt: nullable(Time),
  deliveredAt: nullable(Time),
});
export type WebhookDelivery = Static<typeof WebhookDelivery>;

/** One try: what was asked and what came back, cut after 2,000 characters. */
export const WebhookAttempt = shape({
  at: Time,
  url: Type.String(),
  headers: Type.Record(Type.String(), Type.String()),
  status: nullable(Type.Integer()),
  answer: nullable(Type.String()),
  error: nullable(Type.String()),
  milliseconds: Type.Integer(),
});
export type WebhookAttempt = Static<typeof WebhookAttempt>;

const mayRead = { permission: "events:read" } as const;
const mayWrite = { permission: "webhooks:write" } as const;
const ofEndpoint = { id: Id };
const ofDelivery = { id: Id, deliveryId: Id };
const missing = { WEBHOOK_ENDPOINT_NOT_FOUND: 404 };
const noDelivery = { ...missing, DELIVERY_NOT_FOUND: 404 };
const refusedUrl = { WEBHOOK_URL_REFUSED: 422 };
/** Several of `choices`, parted by commas. */
const TypesQuery = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: "^[a-zA-Z.*]+(,[a-zA-Z.*]+)*$",
  description: "Event types parted by commas, such as `orders.confirmed,products.*`",
});
const position = { after: Type.Optional(Sequence), types: Type.Optional(TypesQuery) };

export default defineContract("webhooks", {
  actions: {
    events: {
      summary: "Events after a place in the feed, in order; kept 30 days",
      rest: "GET /events",
      fields: true,
      auth: mayRead,
      params: shape({ ...position, limit: Type.Optional(Limit) }),
      /** `next` is the `after` of the next page; null when there is no more for now: ask again with the last sequence. */
      returns: page(FeedEvent),
      idempotent: "read",
      errors: { EVENTS_EXPIRED: 410, EVENT_TYPE_UNKNOWN: 422 },
    },
    stream: {
      summary:
        "The feed as it grows (SSE); `Last-Event-ID` or `after` says where to begin, else with what comes next",
      rest: "GET /events/stream",
      auth: mayRead,
      params: shape(position),
      returns: Type.Unknown(),
      idempotent: "read",
      answer: "sse",
      errors: { EVENTS_EXPIRED: 410, EVENT_TYPE_UNKNOWN: 422, TOO_MANY_STREAMS: 503 },
    },
    endpoints: {
      summary: "All webhook endpoints",
      rest: "GET /webhook-endpoints",
      auth: mayWrite,
      params: shape({}),
      returns: shape({ data: Type.Array(WebhookEndpoint) }),
      idempotent: "read",
    },
    endpoint: {
      summary: "One webhook endpoint",
      rest: "GET /webhook-endpoints/:id",
      auth: mayWrite,
      params: shape(ofEndpoint),
      returns: WebhookEndpoint,
      etag: "version",
      idempotent: "read",
      errors: missing,
    },
    createEndpoint: {
      summary: "Send events to an address; the answer shows the secret of its signatures this once",
      rest: "POST /webhook-endpoints",
      auth: mayWrite,
      params: shape({ url: Url, types: Type.Optional(Types), description: Type.Optional(Description) }),
      returns: WithSecret,
      status: 201,
      etag: "version",
      idempotent: false,
      errors: { ...refusedUrl, TOO_MANY_ENDPOINTS: 409 },
    },
    updateEndpoint: {
      summary: "Change an endpoint, or switch it on again",
      rest: "PATCH /webhook-endpoints/:id",
      auth: mayWrite,
      params: shape({
        ...ofEndpoint,
        url: Type.Optional(Url),
        types: Type.Optional(Types),
        description: Type.Optional(Description),
        enabled: Type.Optional(Type.Boolean()),
      }),
      returns: WebhookEndpoint,
      etag: "version",
      ifMatch: "optional",
      idempotent: false,
      errors: { ...missing, ...refusedUrl },
    },
    removeEndpoint: {
      summary: "Remove an endpoint with its log",
      rest: "DELETE /webhook-endpoints/:id",
      auth: mayWrite,
      ifMatch: "optional",
      params: shape(ofEndpoint),
      returns: Type.Null(),
      idempotent: "keyed",
      errors: { ...missing, VERSION_MISMATCH: 412 },
    },
    rotateSecret: {
      summary: "A new secret; for 24 hours the one before signs too",
      rest: "POST /webhook-endpoints/:id/rotate",
      auth: mayWrite,
      params: shape(ofEndpoint),
      returns: WithSecret,
      etag: "version",
      idempotent: false,
      errors: missing,
    },
    testEndpoint: {
      summary: "Send a test event",
      rest: "POST /webhook-endpoints/:id/test",
      auth: mayWrite,
      params: shape(ofEndpoint),
      returns: WebhookDelivery,
      status: 202,
      idempotent: false,
      errors: { ...missing, WEBHOOK_ENDPOINT_DISABLED: 409 },
    },
    deliveries: {
      summary: "Deliveries of an endpoint, newest first",
      rest: "GET /webhook-endpoints/:id/deliveries",
      auth: mayWrite,
      params: shape({ ...ofEndpoint, ...paging, status: Type.Optional(Status) }),
      returns: page(WebhookDelivery),
      idempotent: "read",
      errors: missing,
    },
    delivery: {
      summary: "One delivery with its body and its last tries",
      rest: "GET /webhook-endpoints/:id/deliveries/:deliveryId",
      auth: mayWrite,
      params: shape(ofDelivery),
      returns: shape({
        ...WebhookDelivery.properties,
        body: nullable(FeedEvent),
        log: Type.Array(WebhookAttempt),
      }),
      idempotent: "read",
      errors: noDelivery,
    },
    resendDelivery: {
      summary: "Deliver once more, under the same id",
      rest: "POST /webhook-endpoints/:id/deliveries/:deliveryId/resend",
      auth: mayWrite,
      params: shape(ofDelivery),
      returns: WebhookDelivery,
      status: 202,
      idempotent: "keyed",
      errors: { ...noDelivery, WEBHOOK_ENDPOINT_DISABLED: 409 },
    },
    replay: {
      summary: "Deliver all chosen events since a time once more, at most 10,000 a call",
      rest: "POST /webhook-endpoints/:id/replay",
      auth: mayWrite,
      params: shape({ ...ofEndpoint, since: Time }),
      /** `next`: the `since` of the next call; null when all are queued. */
      returns: shape({ queued: Type.Integer(), next: nullable(Time) }),
      status: 202,
      idempotent: "keyed",
      errors: { ...missing, WEBHOOK_ENDPOINT_DISABLED: 409 },
    },
  },
  events: {
    /** Best effort, broadcast: streams on every node look for more. */
    fed: { summary: "The feed has grown", payload: shape({}) },
    endpointDisabled: {
      summary: "An endpoint was switched off: it answered 410 or failed for days",
      payload: shape({ id: Id, url: Type.String(), reason: oneOf("gone", "failing"), email: Type.String() }),
    },
  },
  receives: [...eventTypes],
});
