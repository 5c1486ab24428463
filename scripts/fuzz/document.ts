import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Schema } from "./arbitrary.ts";

export interface Operation {
  id: string;
  method: string;
  path: string;
  permission: string | undefined;
  parameters: { name: string; in: string; required: boolean; schema: Schema }[];
  body: { type: string; schema: Schema } | undefined;
  /** Fields of what it answers, or of each row of its list. */
  fields: readonly string[];
}

interface Raw {
  operationId: string;
  "x-permission"?: string;
  parameters?: ({ $ref: string } | Operation["parameters"][number])[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: object }> }>;
}

type Any = Record<string, unknown>;

/** A required field of the answer itself, or of a row of its list: `fields` leaves out what it does not name. */
const isLeftOut = ({ keyword, instancePath }: { keyword: string; instancePath: string }): boolean =>
  keyword === "required" && /^(\/data\/\d+)?$/.test(instancePath);

/** An OpenAPI document that knows its operations, and whether an answer is one of those that it allows. */
export class Document {
  readonly operations: readonly Operation[];
  readonly #doc: Any;
  readonly #raw = new Map<string, { raw: Raw; pointer: string }>();
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });

  constructor(doc: object) {
    this.#doc = doc as Any;
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.#ajv);
    this.#ajv.addSchema(doc, "doc");
    this.operations = this.#read();
  }

  at(pointer: string): unknown {
    const names = pointer.replace(/^#\//, "").split("/");
    return names.reduce<unknown>(
      (part, name) => (part as Any)[name.replaceAll("~1", "/").replaceAll("~0", "~")],
      this.#doc,
    );
  }

  readonly resolve = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : this.resolve(this.at(schema.$ref) as Schema);

  /** What is wrong with an answer; undefined: it is one that the document allows. */
  fault(
    operation: Operation,
    { status, type, body }: { status: number; type: string; body: unknown },
    sparse = false,
  ): string | undefined {
    const { raw, pointer } = this.#raw.get(operation.id) as { raw: Raw; pointer: string };
    const found = raw.responses[status];
    if (found === undefined) return `status ${status} is not in the document`;
    const response = found.$ref === undefined ? found : (this.at(found.$ref) as Raw["responses"][string]);
    const where = found.$ref ?? `${pointer}/responses/${status}`;
    if (response.content === undefined) return body === "" ? undefined : `status ${status} has a body`;
    const media = type.split(";")[0] ?? "";
    if (response.content[media] === undefined) return `status ${status} as ${type} is not in the document`;
    if (!/json$/.test(media) || media.includes("ndjson")) return undefined;
    const escaped = media.replaceAll("/", "~1");
    const check = this.#ajv.getSchema(`doc${where.replace(/^#?/, "#")}/content/${escaped}/schema`);
    if (check === undefined) return `no schema at ${where}`;
    if (check(body)) return undefined;
    const [error] = (check.errors ?? []).filter((one) => !sparse || !isLeftOut(one));
    if (error === undefined) return undefined;
    return `status ${status}: ${error?.instancePath ?? ""} ${error?.message ?? ""} ${JSON.stringify(error?.params)}`;
  }

  #fieldsOf({ responses }: Raw): string[] {
    const answer = responses[200]?.content?.["application/json"]?.schema;
    const { properties = {} } = answer === undefined ? {} : this.resolve(answer);
    const { items } = properties["data"] ?? {};
    return Object.keys(items === undefined ? properties : (this.resolve(items).properties ?? {}));
  }

  #read(): Operation[] {
    const paths = this.#doc["paths"] as Record<string, Record<string, Raw>>;
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, raw]) => {
        const pointer = `#/paths/${path.replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D")}/${method}`;
        this.#raw.set(raw.operationId, { raw, pointer });
        const [content] = Object.entries(raw.requestBody?.content ?? {});
        return {
          id: raw.operationId,
          method: method.toUpperCase(),
          path,
          permission: raw["x-permission"],
          parameters: (raw.parameters ?? []).map((one) =>
            "$ref" in one ? (this.at(one.$ref) as Operation["parameters"][number]) : one,
          ),
          body: content && { type: content[0], schema: content[1].schema ?? { type: "string" } },
          fields: this.#fieldsOf(raw),
        };
      }),
    );
  }
}
