import { whenVisible } from "../base/whenVisible.ts";
import ProductGrid from "./ProductGrid.vue";

/** Made once, so that a second visit has it at once. */
export const LateGrid = whenVisible(ProductGrid);
