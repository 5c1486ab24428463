import carts from "./001-carts.ts";

export default [carts];
