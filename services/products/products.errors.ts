import { conflict, forbidden, notFound, refuse } from "../../contract/errors.ts";

export const productNotFound = () => notFound("product");
export const reviewNotFound = () => notFound("review");
export const importNotFound = () => notFound("import");
export const categoryNotFound = () => notFound("category");

export const unknownCategories = (slugs: readonly string[]) =>
  refuse(422, "CATEGORY_NOT_FOUND", `There is no such category: ${slugs.join(", ")}.`, {
    errors: [{ pointer: "/categories", message: "names a category that does not exist" }],
  });
export const unknownParent = () =>
  refuse(422, "CATEGORY_NOT_FOUND", "There is no such parent category.", {
    errors: [{ pointer: "/parent", message: "is not a category" }],
  });
export const parentBelow = () =>
  refuse(422, "VALIDATION_ERROR", "A category cannot stand below itself.", {
    errors: [{ pointer: "/parent", message: "stands below this category" }],
  });
export const categoryInUse = () =>
  conflict("CATEGORY_IN_USE", "Products or categories stand in this category; move them first.");

export const currencyNotOffered = () =>
  refuse(422, "CURRENCY_NOT_OFFERED", "This product has no price in this currency.", {
    errors: [{ pointer: "/currency", message: "is not offered" }],
  });

export const invalidAt = (pointer: string, message: string) =>
  refuse(422, "VALIDATION_ERROR", "The request does not fit its description.", {
    errors: [{ pointer, message }],
  });

export const notBought = () => forbidden("NOT_BOUGHT", "Only who bought the product may review it.");

export const headerInvalid = (message: string) => refuse(422, "CSV_HEADER_INVALID", message);
export const tooManyVariants = () =>
  refuse(422, "TOO_MANY_VARIANTS", "A product has at most 1,000 variants.");
export const categorySlugTaken = () =>
  conflict("SLUG_TAKEN", "Another category has this slug.", {
    errors: [{ pointer: "/slug", message: "is taken" }],
  });

export const pictureNotFound = () => notFound("picture");
export const uploadTooLarge = () => refuse(413, "BODY_TOO_LARGE", "A picture may have at most 15 MiB.");
export const pictureRefused = () =>
  refuse(422, "PICTURE_REFUSED", "This is no picture that can be taken: use JPEG, PNG, WebP, AVIF or GIF.");
export const pictureTooLarge = (pixels: number) =>
  refuse(422, "PICTURE_TOO_LARGE", `A picture may have at most ${pixels / 1_000_000} megapixels.`);
