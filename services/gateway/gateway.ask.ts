import { toProblem } from "../../contract/http-problem.ts";
import type { Meta } from "../../contract/meta.ts";
import { encoder } from "./gateway.encode.ts";
import { notFoundPath } from "./gateway.errors.ts";
import type { Matcher } from "./gateway.matcher.ts";
import type { Ask } from "./gateway.page.types.ts";
import type { SharedReads } from "./gateway.shared.ts";
import type { Exchange, Plan } from "./gateway.types.ts";

export type Call = (name: string, params: object, options: object) => Promise<unknown>;

/** Puts questions to the API from inside, as a guest: GET routes that are open to anyone, and no other. */
export function asker(matcher: Matcher<Plan>, shared: SharedReads, call: Call): (exchange: Exchange) => Ask {
  return (exchange) => async (url) => {
    try {
      const { plan, values, query } = routeOf(matcher, url);
      const meta: Meta = {};
      const { params } = await plan.readInput(exchange.req, query, values, meta);
      const value = await shared.ask(plan.route, params, () =>
        call(plan.route.name, params, { meta, requestID: exchange.id }),
      );
      return { url, status: 200, value, json: encoder(plan.route.action.returns)(value) };
    } catch (error) {
      const { status, body } = toProblem(error, exchange.id);
      return { url, status, value: body, json: "" };
    }
  };
}

function routeOf(
  matcher: Matcher<Plan>,
  url: string,
): { plan: Plan; values: readonly string[]; query: string } {
  const at = url.indexOf("?");
  const match = matcher.find("GET", at < 0 ? url : url.slice(0, at));
  const plan = match?.route;
  if (plan === undefined || plan.route.action.auth !== "anyone") throw notFoundPath();
  return { plan, values: match?.values ?? [], query: at < 0 ? "" : url.slice(at + 1) };
}
