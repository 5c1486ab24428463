declare module "js-yaml" {
  interface Schema {
    withTags(...tags: object[]): Schema;
  }
  export const CORE_SCHEMA: Schema;
  export const mergeTag: object;
  export function load(text: string, options?: { schema: Schema }): unknown;
  export function loadAll(text: string, options?: { schema: Schema }): unknown[];
}
