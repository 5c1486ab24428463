import { whenVisible } from "../base/whenVisible.ts";
import ProductReviews from "./ProductReviews.vue";

/** Made once, so that a second visit has it at once. */
export const LateReviews = whenVisible(ProductReviews);
