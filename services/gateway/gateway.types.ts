import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { Ctx } from "../../contract/implement.ts";
import type { Identity } from "../../contract/meta.ts";
import type { Actor } from "../../mixins/sql.types.ts";
import type { Span } from "../../tracing/span.ts";
import type { Answer } from "./gateway.answers.ts";
import type { Admit } from "./gateway.auth.ts";
import type { Runtime } from "./gateway.runtime.ts";
import type { ReadInput } from "./gateway.params.ts";
import type { Published } from "./gateway.routes.ts";

/** Everything about a route that can be known before a request comes. */
export interface Plan {
  readonly route: Published;
  /** `POST /orders/:id/cancel`, for spans and logs. */
  readonly label: string;
  readonly admit: Admit;
  readonly readInput: ReadInput;
  readonly answer: Answer;
  readonly limit: "auth" | "session" | "address";
}

/** One request and its answer. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly id: string;
  readonly path: string;
  /** Behind the question mark. */
  readonly query: string;
  /** Further header lines of the answer: name, value, name, value. */
  readonly headers: string[];
  ip: string;
  plan?: Plan;
  values: readonly string[];
  caller?: Identity;
  span?: Span;
}

/** `this` of the gateway. */
export interface Gateway extends Actor {
  server: Server;
  runtime: Runtime;
  /** Answers that are streams and still open. */
  streams: Set<Readable>;
  draining: boolean;
  httpHandler(req: IncomingMessage, res: ServerResponse): void;
  /** moleculer-web's routed aliases. */
  aliases: { readonly action: string; readonly method: string; readonly fullPath: string }[];
}

export type RestCtx = Ctx<Exchange>;
