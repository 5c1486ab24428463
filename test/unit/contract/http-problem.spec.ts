import { expect } from "chai";
import { Errors } from "moleculer";
import * as errors from "../../../contract/errors.ts";
import { toProblem } from "../../../contract/http-problem.ts";

const problem = (error: unknown) => toProblem(error, "r-1");
const secret = "select * from users at /srv/valence/users.ts";

describe("toProblem", () => {
  it("keeps the status, code, words and members of a refusal", () => {
    const items = [{ sku: "TEA", available: 2 }];
    const { status, headers, body } = problem(errors.conflict("OUT_OF_STOCK", "Not enough left.", { items }));
    expect(status).to.equal(409);
    expect(headers).to.deep.equal({ "Content-Type": "application/problem+json" });
    expect(body).to.deep.equal({
      type: "urn:valence:problem:out-of-stock",
      title: "Conflict",
      status: 409,
      detail: "Not enough left.",
      code: "OUT_OF_STOCK",
      requestId: "r-1",
      items,
    });
  });

  it("hands on where the params do not fit", () => {
    const found = [{ pointer: "/lines/0/quantity", message: "must be >= 1" }];
    const { status, body } = problem(errors.invalid(found));
    expect(status).to.equal(422);
    expect(body.errors).to.deep.equal(found);
  });

  it("knows a refusal that came from another node as a plain error", () => {
    const remote = Object.assign(new Error("There is no such order."), {
      code: 404,
      type: "ORDER_NOT_FOUND",
    });
    expect(problem(remote).body).to.include({ status: 404, code: "ORDER_NOT_FOUND" });
  });

  it("lets no member replace a standard one", () => {
    const { body } = problem(
      errors.refuse(409, "CLASH", "No.", { status: 200, code: "OK", detail: "yes", requestId: "x" }),
    );
    expect(body).to.include({ status: 409, code: "CLASH", detail: "No.", requestId: "r-1" });
  });

  it("answers a repeated key with the request id of the first refusal", () => {
    const { body } = problem(errors.refuse(402, "DECLINED", "No.", { firstRequestId: "r-0" }));
    expect(body.requestId).to.equal("r-0");
    expect(body).not.to.have.property("firstRequestId");
  });

  const where = { action: "orders.place", nodeID: "orders.1" };
  const unavailable: [string, unknown][] = [
    ["a time-out", new Errors.RequestTimeoutError(where)],
    ["an action that nobody offers", new Errors.ServiceNotFoundError(where)],
    ["an open circuit breaker", new Errors.ServiceNotAvailableError(where)],
    ["a full queue", new Errors.QueueIsFullError(where)],
    ["a call skipped for want of time", new Errors.RequestSkippedError(where)],
    ["a node that went away", new Errors.RequestRejectedError(where)],
    ["a lost transporter", Object.assign(new Error("disconnected"), { code: 502, type: "BAD_GATEWAY" })],
  ];
  for (const [what, error] of unavailable) {
    it(`answers ${what} with 503 and Retry-After, naming no node`, () => {
      const { status, headers, body } = problem(error);
      expect([status, body.code, headers["Retry-After"]]).to.deep.equal([503, "UNAVAILABLE", "1"]);
      expect(JSON.stringify(body)).not.to.contain("orders");
    });
  }

  it("does not take a client that was too slow for a time-out of ours", () => {
    expect(problem(errors.refuse(408, "REQUEST_TIMEOUT", "Too slow.")).status).to.equal(408);
  });

  it("keeps the code of what is unavailable on purpose, and when to come back", () => {
    const { status, headers, body } = problem(errors.unavailable("PROVIDER_DOWN", "Payments are down.", 2.5));
    expect([status, body.code, body.detail, headers["Retry-After"]]).to.deep.equal([
      503,
      "PROVIDER_DOWN",
      "Payments are down.",
      "3",
    ]);
  });

  const unknown: [string, unknown][] = [
    ["a plain error", new Error(secret)],
    ["a text", secret],
    ["nothing", undefined],
    ["null", null],
    [
      "a database error",
      Object.assign(new Error(secret), { code: "23505", type: "DatabaseError", sql: secret }),
    ],
    [
      "a Moleculer error with data",
      new Errors.MoleculerError(secret, 500, "BROKEN_CONTRACT", { sql: secret }),
    ],
    [
      "a retryable error of ours",
      new Errors.MoleculerServerError(secret, 502, "PROVIDER_BROKE", { sql: secret }),
    ],
    ["a 4xx without a code of ours", Object.assign(new Error(secret), { code: 404 })],
    ["a status that HTTP has not", Object.assign(new Error(secret), { code: 9000, type: "ODD" })],
    ["too deep a call", new Errors.MaxCallLevelError({ level: 20, nodeID: "n" })],
  ];
  for (const [what, error] of unknown) {
    it(`answers ${what} with a bare 500`, () => {
      const { status, body } = problem(error);
      expect(status).to.equal(500);
      expect(Object.keys(body)).to.have.members(["type", "title", "status", "detail", "code", "requestId"]);
      expect(JSON.stringify(body)).not.to.contain("users");
    });
  }

  it("does not echo what body-parser read", () => {
    const parsing = Object.assign(new SyntaxError(`Unexpected token in ${secret}`), {
      type: "entity.parse.failed",
      statusCode: 400,
    });
    expect(problem(parsing).body).to.include({
      status: 400,
      code: "INVALID_JSON",
      detail: "The body is not valid JSON.",
    });
    const large = Object.assign(new Error(secret), { type: "entity.too.large", statusCode: 413 });
    expect(problem(large).body).to.include({ status: 413, code: "BODY_TOO_LARGE" });
  });

  it("points into fastest-validator's findings", () => {
    const error = new Errors.ValidationError("no", "VALIDATION_ERROR", [
      { field: "filter.name", message: "is required" },
    ]);
    expect(problem(error).body.errors).to.deep.equal([{ pointer: "/filter/name", message: "is required" }]);
  });
});

describe("errors", () => {
  it("names a missing thing in its code and its words", () => {
    expect(errors.notFound("order")).to.include({ code: 404, type: "ORDER_NOT_FOUND" });
    expect(errors.notFound("apiKey")).to.include({
      type: "API_KEY_NOT_FOUND",
      message: "There is no such api key.",
    });
  });

  it("tells errors apart by type, whatever is thrown", () => {
    expect(errors.isType(errors.notFound("order"), "OTHER", "ORDER_NOT_FOUND")).to.equal(true);
    for (const thrown of [undefined, null, "ORDER_NOT_FOUND", new Error("x"), { type: 1 }]) {
      expect(errors.isType(thrown, "ORDER_NOT_FOUND")).to.equal(false);
    }
  });

  it("marks only what may be repeated as retryable", () => {
    expect(errors.unavailable("BUSY", "Later.")).to.include({ retryable: true, code: 503 });
    expect(errors.conflict("NO", "No.")).to.include({ retryable: false });
  });
});
