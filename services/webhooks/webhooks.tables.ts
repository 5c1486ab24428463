import { raw } from "../../mixins/sql.ts";
import type { Table } from "../../mixins/sql.types.ts";

/** `added_at` (milliseconds) grows with `seq`; `data` is JSON. */
export const feed = {
  seq: "bigint",
  id: "text",
  type: "text",
  entity: "text",
  version: "bigint",
  at: "text",
  added_at: "bigint",
  data: "text",
} as const satisfies Table;

export type FeedRow = {
  seq: number;
  id: string;
  type: string;
  entity: string;
  version: number;
  at: string;
  added_at: number;
  data: string;
};

/** `types` is JSON; secrets are derived from the id and `secret_number`; `contact` is told when the store switches it off. */
export const endpoints = {
  id: "text",
  url: "text",
  types: "text",
  description: "text",
  enabled: "bigint",
  disabled_reason: "text",
  failing_since: "text",
  secret_number: "bigint",
  previous_until: "text",
  contact: "text",
  created_at: "text",
  version: "bigint",
} as const satisfies Table;

export type EndpointRow = {
  id: string;
  url: string;
  types: string;
  description: string;
  enabled: number;
  disabled_reason: "gone" | "failing" | "manual" | null;
  failing_since: string | null;
  secret_number: number;
  previous_until: string | null;
  contact: string;
  created_at: string;
  version: number;
};

/** A pending delivery is due at `due` (milliseconds); while it is sent, that is its lease. `body` only of test events. */
export const deliveries = {
  id: "text",
  endpoint_id: "text",
  event_id: "text",
  seq: "bigint",
  type: "text",
  entity: "text",
  status: "text",
  attempts: "bigint",
  due: "bigint",
  last_status: "bigint",
  last_error: "text",
  created_at: "text",
  delivered_at: "text",
  body: "text",
  trace: "text",
} as const satisfies Table;

export type DeliveryRow = {
  id: string;
  endpoint_id: string;
  event_id: string;
  seq: number | null;
  type: string;
  entity: string;
  status: "pending" | "delivered" | "failed";
  attempts: number;
  due: number;
  last_status: number | null;
  last_error: string | null;
  created_at: string;
  delivered_at: string | null;
  body: string | null;
  /** `traceparent` of the event. */
  trace: string | null;
};

/** `headers` is JSON. */
export const attempts = {
  delivery_id: "text",
  at: "text",
  url: "text",
  headers: "text",
  status: "bigint",
  answer: "text",
  error: "text",
  milliseconds: "bigint",
} as const satisfies Table;

export type AttemptRow = {
  delivery_id: string;
  at: string;
  url: string;
  headers: string;
  status: number | null;
  answer: string | null;
  error: string | null;
  milliseconds: number;
};

export const columnsOf = (table: Table, alias = "") =>
  raw(
    Object.keys(table)
      .map((name) => (alias === "" ? name : `${alias}.${name}`))
      .join(", "),
  );
