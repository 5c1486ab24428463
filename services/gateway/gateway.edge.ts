import type { IncomingMessage, ServerResponse } from "node:http";
import type { Contract } from "../../contract/define.ts";
import { contextOf } from "../../mixins/context.ts";
import { handleRequest, rest } from "./gateway.request.ts";
import { apiRoot, publishedActions, type Published } from "./gateway.routes.ts";
import { makeRuntime } from "./gateway.runtime.ts";
import { closeServer, httpServer } from "./gateway.server.ts";
import type { Gateway } from "./gateway.types.ts";

/** How the gateway uses moleculer-web: its server and its routes, with our own way from a request to an answer. */
export function edge(contracts: Readonly<Record<string, Contract>>) {
  const routes = publishedActions(contracts);
  return {
    settings: settings(routes),
    actions: {
      rest: {
        visibility: "private",
        timeout: 0,
        handler: rest,
      },
      /** From now on this node is not ready and its answers end their connections; in-flight requests go on. */
      drain: {
        visibility: "protected",
        handler(this: Gateway) {
          this.draining = true;
        },
      },
      listAliases: false,
      addRoute: false,
      removeRoute: false,
    },
    methods: {
      httpHandler(this: Gateway, req: IncomingMessage, res: ServerResponse) {
        return handleRequest.call(this, req, res);
      },
      createServer(this: Gateway) {
        this.server = httpServer(this);
      },
      /** Before any actor of this node stops (quiesce.middleware.ts). */
      quiesce(this: Gateway) {
        return closeServer(this);
      },
    },
    /** Runs behind moleculer-web's own `created`, which has made the server and the aliases. */
    created(this: Gateway) {
      const { config, newId } = contextOf(this.broker);
      Object.assign(this.settings, { port: config.port, ip: config.host });
      this.newId = newId;
      this.draining = false;
      this.streams = new Set();
      this.runtime = makeRuntime(this, routes, contracts);
    },
    async stopped(this: Gateway) {
      await closeServer(this);
      await this.runtime.limits.close();
    },
  };
}

/** No action is reachable but by these aliases; what a request goes through stands in gateway.request.ts. */
function settings(routes: readonly Published[]) {
  const aliases = Object.fromEntries(routes.map(({ method, path, name }) => [`${method} ${path}`, name]));
  return {
    logRequest: null,
    logRequestParams: null,
    logResponse: null,
    logRouteRegistration: null,
    routes: [
      {
        path: apiRoot,
        aliases,
        mappingPolicy: "restrict",
        mergeParams: false,
        bodyParsers: false,
        pathToRegexpOptions: { sensitive: true },
      },
    ],
  };
}
