import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { FieldError } from "./errors.ts";

/** More findings help nobody, and a hostile body could make thousands. */
const MOST_ERRORS = 50;

/**
 * That the schemas themselves are sound is a test's business (`json-schema.spec.ts`): the schema of schemas takes longer to
 * compile than all that a start needs.
 */
const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true, validateSchema: false });
formats.default(ajv, ["date-time", "email", "uri"]);

/**
 * Moleculer clones schemas, one clone for each broker, so compiled checks are found by object first and then by text:
 * each distinct schema is compiled once in a process, when it is first needed.
 */
const byObject = new WeakMap<object, ValidateFunction>();
const byText = new Map<string, ValidateFunction>();

function compiled(schema: object): ValidateFunction {
  const known = byObject.get(schema);
  if (known) return known;
  const text = JSON.stringify(schema);
  const check = byText.get(text) ?? ajv.compile(JSON.parse(text) as object);
  byText.set(text, check);
  byObject.set(schema, check);
  return check;
}

/** Checks a value against a plain JSON Schema, strictly: nothing is coerced or filled in. @returns the findings, or undefined. */
export function findErrors(schema: object, value: unknown): FieldError[] | undefined {
  const check = compiled(schema);
  if (check(value)) return undefined;
  const errors = closestBranches(check.errors ?? []).map(toFieldError);
  const unique = new Map(errors.map((error) => [`${error.pointer} ${error.message}`, error]));
  return [...unique.values()].slice(0, MOST_ERRORS);
}

/** One segment of a JSON pointer (RFC 6901). */
export const escapePointer = (segment: string): string => segment.replaceAll("~", "~0").replaceAll("/", "~1");

function toFieldError(error: ErrorObject): FieldError {
  const params = error.params as Record<string, unknown>;
  const at = (name: unknown) => `${error.instancePath}/${escapePointer(String(name))}`;
  switch (error.keyword) {
    case "additionalProperties":
      return { pointer: at(params.additionalProperty), message: "is not a known field" };
    case "required":
      return { pointer: at(params.missingProperty), message: "is required" };
    case "enum":
      return {
        pointer: error.instancePath,
        message: `must be one of ${(params.allowedValues as unknown[]).join(", ")}`,
      };
    case "const":
      return { pointer: error.instancePath, message: `must be ${JSON.stringify(params.allowedValue)}` };
    default:
      return { pointer: error.instancePath, message: error.message ?? "does not fit" };
  }
}

/**
 * A value that fits no branch of an `anyOf` gets the findings of every branch. Those of the branches that the value
 * evidently does not mean (another `provider`, another type) are left out.
 */
function closestBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let kept = errors;
  for (const union of errors.filter((error) => error.keyword === "anyOf")) {
    const inside = kept.filter((error) => error.schemaPath.startsWith(`${union.schemaPath}/`));
    const branchOf = (error: ErrorObject) =>
      error.schemaPath.slice(union.schemaPath.length + 1).split("/")[0];
    const strangers = new Set(inside.filter((error) => isOtherKind(error, union.instancePath)).map(branchOf));
    const meant = inside.filter((error) => !strangers.has(branchOf(error)));
    const instead = meant.length > 0 ? meant : [asOneFinding(union, inside)];
    kept = [...kept.filter((error) => error !== union && !inside.includes(error)), ...instead];
  }
  return kept;
}

const isOtherKind = (error: ErrorObject, path: string): boolean =>
  error.keyword === "const" || (error.keyword === "type" && error.instancePath === path);

/** All branches are strangers: one finding that lists the constants, if it is about constants of one place. */
function asOneFinding(union: ErrorObject, inside: readonly ErrorObject[]): ErrorObject {
  const constants = inside.filter((error) => error.keyword === "const");
  const [first] = constants;
  if (!first || constants.some((error) => error.instancePath !== first.instancePath)) {
    return { ...union, message: "fits none of the allowed forms" };
  }
  const allowedValues = constants.map((error) => (error.params as { allowedValue: unknown }).allowedValue);
  return { ...first, keyword: "enum", params: { allowedValues } };
}
