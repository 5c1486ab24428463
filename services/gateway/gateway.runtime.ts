import type { Contract } from "../../contract/define.ts";
import jwt from "jsonwebtoken";
import { join } from "node:path";
import { apiDocument } from "../api-document.ts";
import { verifyAccessToken } from "../../mixins/access-tokens.ts";
import { contextOf } from "../../mixins/context.ts";
import { sharersOf } from "../../mixins/sharers.ts";
import { answerer, dataPolicy, type Header } from "./gateway.answers.ts";
import { asker } from "./gateway.ask.ts";
import { assets } from "./gateway.assets.ts";
import { admission } from "./gateway.auth.ts";
import { clientAddress } from "./gateway.client.ts";
import { refreshCookie, type RefreshCookie } from "./gateway.cookies.ts";
import { front } from "./gateway.front.ts";
import { readiness } from "./gateway.health.ts";
import { Identities, type Claims } from "./gateway.identity.ts";
import { addressLimitOf, limits, type Limits } from "./gateway.limits.ts";
import { media } from "./gateway.media.ts";
import { Matcher } from "./gateway.matcher.ts";
import { pages } from "./gateway.pages.ts";
import { inputReader } from "./gateway.params.ts";
import { problemSender } from "./gateway.problems.ts";
import { apiRoot, type Published } from "./gateway.routes.ts";
import { robots } from "./gateway.robots.ts";
import { SharedReads } from "./gateway.shared.ts";
import { requestTracer, type RequestTracer } from "./gateway.trace.ts";
import type { Exchange, Gateway, Plan } from "./gateway.types.ts";

/** What a gateway works with; made once, when the service is created. */
export interface Runtime {
  readonly matcher: Matcher<Plan>;
  readonly limits: Limits;
  readonly identities: Identities;
  readonly cookie: RefreshCookie;
  readonly addressOf: ReturnType<typeof clientAddress>;
  readonly pages: ReturnType<typeof pages>;
  readonly shared: SharedReads;
  readonly traces: RequestTracer;
  readonly fail: ReturnType<typeof problemSender>;
  /** 204 with the headers that every answer has. */
  readonly sendNothing: (exchange: Exchange) => void;
}

const publicDir = join(import.meta.dirname, "../../public");

export function makeRuntime(
  gateway: Gateway,
  routes: readonly Published[],
  contracts: Readonly<Record<string, Contract>>,
): Runtime {
  const { broker, logger } = gateway;
  const { config, clock } = contextOf(broker);
  const common = commonHeaders(config.publicUrl);
  const cookie = refreshCookie(config.publicUrl);
  const verify = (token: string): Claims | undefined => {
    const claims = verifyAccessToken(config.jwtKeys, token, clock.now());
    if (claims === undefined) return undefined;
    const { exp = 0 } = jwt.decode(token) as { exp?: number };
    return { account: claims.sub, session: claims.sid, expiresAt: exp * 1000 };
  };
  const matcher = matcherOf(gateway, routes, common, cookie);
  const counted = limits(config, sharersOf(broker, "gateway"));
  const addressOf = clientAddress(config.trustedProxies);
  const baseOf = ({ req }: Exchange): string =>
    config.publicUrl?.replace(/\/$/, "") ?? `http://127.0.0.1:${req.socket.localPort ?? config.port}`;
  const shared = new SharedReads({
    isHere: (actor) => broker.getLocalService(actor) !== undefined,
    now: () => clock.now(),
  });
  const app = front({
    publicDir,
    common,
    baseOf,
    ask: asker(matcher, shared, broker.call.bind(broker)),
    onError: (error) => logger.error("a page could not be rendered", { error }),
  });
  /** A page costs what its questions cost, so it counts like one. */
  const page = async (exchange: Exchange): Promise<void> => {
    exchange.ip = addressOf(exchange.req);
    if (counted.on) await counted.byAddress(exchange, "address");
    return app.serve(exchange);
  };
  return {
    matcher,
    limits: counted,
    identities: new Identities({ clock, call: broker.call.bind(broker), verify }),
    cookie,
    addressOf,
    pages: pages({
      common,
      media: media(broker, common),
      robots: robots({ common, call: broker.call.bind(broker), baseOf }),
      assets: assets({ publicDir, common, page: app.isBuilt ? page : undefined }),
      isDraining: () => gateway.draining,
      ready: readiness(broker, contracts, clock),
      openapi: () => JSON.stringify(apiDocument()),
    }),
    shared,
    traces: requestTracer(broker),
    fail: problemSender(common, logger),
    sendNothing: ({ res, id, headers }) => {
      const all = [...common.flat(), "Content-Security-Policy", dataPolicy, "X-Request-ID", id, ...headers];
      res.writeHead(204, all).end();
    },
  };
}

function commonHeaders(publicUrl: string | undefined): Header[] {
  const https = publicUrl?.startsWith("https:") ?? false;
  return [
    ["X-Content-Type-Options", "nosniff"],
    ["Referrer-Policy", "no-referrer"],
    ["Cross-Origin-Resource-Policy", "same-origin"],
    ...(https ? [["Strict-Transport-Security", "max-age=31536000; includeSubDomains"] as const] : []),
  ];
}

function matcherOf(
  { streams, aliases }: Gateway,
  routes: readonly Published[],
  common: readonly Header[],
  cookie: RefreshCookie,
): Matcher<Plan> {
  const readable = new Set(
    routes.filter(({ method }) => method === "GET").map(({ path }) => path.replace(/:[^/]+$/, ":")),
  );
  const byAlias = new Map(routes.map((route) => [`${route.method} ${apiRoot}${route.path}`, route]));
  const matcher = new Matcher<Plan>();
  for (const { method, fullPath } of aliases) {
    const route = byAlias.get(`${method} ${fullPath}`);
    if (route === undefined) throw new Error(`The route ${method} ${fullPath} stands in no contract`);
    matcher.add(method, fullPath, {
      route,
      label: `${method} ${route.path}`,
      admit: admission(route.action.auth),
      readInput: inputReader(route, routes),
      answer: answerer(route, { common, cookie, readable, streams }),
      limit: addressLimitOf(route),
    });
  }
  return matcher;
}
