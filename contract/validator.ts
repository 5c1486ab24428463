import { Validators, type Context, type ServiceBroker } from "moleculer";
import { invalid } from "./errors.ts";
import { findErrors } from "./json-schema.ts";

type Handler = (ctx: Context) => Promise<unknown>;
type Wrap = (handler: Handler, definition: { params?: unknown }) => Handler;

/** Contracts are JSON Schema; Moleculer's own actions (`$node.*`) speak fastest-validator. */
export const isJsonSchema = (params: unknown): params is object => {
  if (typeof params !== "object" || params === null) return false;
  const { type, properties } = params as { type?: unknown; properties?: unknown };
  return type === "object" && typeof properties === "object" && properties !== null;
};

/** The broker's validator: Ajv for our contracts, fastest-validator for everything else. */
export class ContractValidator extends Validators.Fastest {
  override middleware(broker: ServiceBroker) {
    const base = super.middleware(broker) as unknown as { localAction: Wrap; localEvent: Wrap };
    return {
      name: "Validator",
      localAction: checking((handler, action) => base.localAction(handler, action)),
      localEvent: checking((handler, event) => base.localEvent(handler, event)),
    };
  }

  override validate(params: Record<string, unknown>, schema: Record<string, unknown>): boolean {
    if (!isJsonSchema(schema)) return super.validate(params, schema);
    const errors = findErrors(schema, params);
    if (errors) throw invalid(errors);
    return true;
  }
}

/** A refusal is a rejected promise, never a throw: the bulkhead would lose count of what is in flight. */
const checking =
  (otherwise: Wrap): Wrap =>
  (handler, definition) => {
    const { params } = definition;
    if (!isJsonSchema(params)) return otherwise(handler, definition);
    return function checkParams(ctx) {
      const errors = findErrors(params, ctx.params ?? {});
      return errors ? Promise.reject(invalid(errors)) : handler(ctx);
    };
  };
