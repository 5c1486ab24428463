import { expect } from "chai";
import { actorActions } from "../../contract/actor-actions.ts";
import type { Contract } from "../../contract/define.ts";
import type { Problem } from "../../contract/http-problem.ts";
import { permissionsOf, type Role } from "../../contract/permissions.ts";
import { contracts } from "../../services/contracts.ts";
import { publishedActions } from "../../services/gateway/gateway.routes.ts";
import { startGateway, type TestGateway } from "../helpers/gateway.ts";

const routes = publishedActions(contracts);
const id = "01890000-0000-7000-8000-000000000001";
const urlOf = (path: string): string => `/api/v1${path.replace(/:[^/]+/g, id)}`;
const isAdmin = (path: string): boolean => path.startsWith("/admin/");

describe("access", function () {
  // Thousands of requests.
  this.timeout(60_000);

  let store: TestGateway;
  let tokens: Record<Role | "guest" | "scopeless", string | undefined>;

  before(async () => {
    store = await startGateway();
    store.keys.set("vk_scopeless", { id, scopes: [], owner: id });
    tokens = {
      guest: undefined,
      customer: store.tokenOf("customer"),
      staff: store.tokenOf("staff"),
      admin: store.tokenOf("admin"),
      scopeless: "vk_scopeless",
    };
  });
  after(() => store.stop());

  const ask = (
    method: string,
    url: string,
    token: string | undefined,
    headers: Record<string, string> = {},
  ) =>
    store.http.request<Problem>(method, url, {
      ...(token !== undefined && { token }),
      headers,
      ...(method !== "GET" && method !== "HEAD" && { body: {} }),
    });

  /** 401, 403 or 0: not refused for who asks. */
  const expected = (auth: unknown, who: keyof typeof tokens): number => {
    if (auth === "anyone" || auth === "holder" || auth === "provider") return 0;
    if (who === "guest") return 401;
    if (auth === "customer") return who === "scopeless" ? 403 : 0;
    const { permission } = auth as { permission: (typeof permissionsOf)["admin"][number] };
    return who !== "scopeless" && permissionsOf[who].includes(permission) ? 0 : 403;
  };

  it("is as the contracts say, for every route and every kind of caller (checks 22, 24)", async () => {
    for (const { name, method, path, action } of routes)
      for (const who of Object.keys(tokens) as (keyof typeof tokens)[]) {
        const { status } = await ask(method, urlOf(path), tokens[who]);
        const refusal = status === 401 || status === 403 ? status : 0;
        expect(refusal, `${who} at ${name}`).to.equal(expected(action.auth, who));
      }
  });

  it("says which way to sign in, and nothing about the resource", async () => {
    const answer = await ask("GET", "/api/v1/admin/users", undefined);
    expect(answer.headers.get("www-authenticate")).to.equal('Bearer realm="valence"');
    expect(answer.body.code).to.equal("UNAUTHENTICATED");
  });

  it("gives no admin route away by another spelling (check 22)", async () => {
    for (const { method, path } of routes.filter(({ path }) => isAdmin(path))) {
      const url = urlOf(path);
      const spellings = [
        `${url}/`,
        url.replace("/admin/", "/Admin/"),
        url.replace("/admin/", "/%61dmin/"),
        url.replace("/admin/", "/admin/%2e/"),
        url.replace("/admin/", "/x/%2e%2e/admin/"),
        url.replace("/admin/", "//admin/"),
        url.replace("/admin/", "/admin;x/"),
      ];
      for (const spelling of spellings) {
        const { status } = await ask(method, spelling, tokens.customer);
        expect(status, `${method} ${spelling}`).to.be.oneOf([400, 401, 403, 404, 405]);
      }
    }
  });

  it("does not change a method by a header (check 22)", async () => {
    const headers = {
      "x-http-method-override": "DELETE",
      "x-http-method": "DELETE",
      "x-method-override": "DELETE",
    };
    for (const { path, method } of routes.filter(({ method }) => method === "DELETE")) {
      const { status, body } = await ask("POST", urlOf(path), tokens.admin, headers);
      const hasPost = routes.some((route) => route.path === path && route.method === "POST");
      if (!hasPost) expect(body.code, `${method} ${path} ${status}`).to.equal("METHOD_NOT_ALLOWED");
    }
  });

  it("has no way to an action without a route, nor to Moleculer's own (checks 23, 24)", async () => {
    const inner = Object.values(contracts).flatMap((contract: Contract) =>
      [
        ...Object.entries(contract.actions).filter(([, action]) => action.rest === undefined),
        ...Object.entries(actorActions),
      ].map(([key]) => `${contract.name}/${key}`),
    );
    const guesses = [
      ...inner,
      "$node/health",
      "$node/list",
      "~node/health",
      "~node/actions",
      "gateway/rest",
      "gateway/drain",
      "gateway/listAliases",
    ];
    for (const guess of guesses)
      for (const url of [
        `/api/v1/${guess}`,
        `/api/v1/${guess.replace("/", ".")}`,
        `/api/${guess}`,
        `/${guess}`,
      ])
        for (const method of ["GET", "POST"]) {
          const { status, body, headers } = await ask(method, url, tokens.admin);
          // `/orders/wipe` looks like the page of an order, whose frame is the same for any id.
          const isPage =
            method === "GET" &&
            !url.startsWith("/api/") &&
            headers.get("content-type")?.startsWith("text/html");
          // `orders/holds` looks like `GET /orders/:id`; what counts is that no such order is named.
          expect(status, `${method} ${url} ${body.code}`).to.be.oneOf(isPage ? [200, 404] : [404, 405, 503]);
        }
  });

  it("shows neither metrics nor the registry on the public port (check 23)", async () => {
    for (const url of [
      "/metrics",
      "/~node/health",
      "/$node.actions",
      "/api/~node/health",
      "/api/v1/metrics",
      "/openapi.json",
      "/.env",
      "/package.json",
      "/moleculer.config.ts",
    ])
      expect((await ask("GET", url, tokens.admin)).status, url).to.equal(404);
  });
});
