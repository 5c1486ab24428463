import { Type, type Static } from "typebox";
import { Id, Line, oneOf, shape, Slug, Text, Time, Version } from "../../contract/shapes.ts";

/** A path on this store's own origin, or an https address. */
export const PictureUrl = Type.String({
  maxLength: 500,
  pattern: "^(/[A-Za-z0-9/_.-]+|https://[^\\s\"'<>]+)$",
});

export const Import = shape({
  id: Id,
  status: oneOf("running", "done", "failed"),
  dryRun: Type.Boolean(),
  rows: Type.Integer(),
  created: Type.Integer(),
  updated: Type.Integer(),
  failed: Type.Integer(),
  /** The first 1,000; all of them stand in the error file. */
  errors: Type.Array(shape({ row: Type.Integer(), column: Type.String(), message: Type.String() })),
  startedAt: Time,
  finishedAt: Type.Union([Time, Type.Null()]),
});
export type Import = Static<typeof Import>;

/** An uploaded picture; once it is `ready`, `url` may stand in a product's images. */
export const UploadedPicture = shape({
  id: Id,
  /** 800 pixels wide; `-400` or `-1600` in the place of `-800` name the other sizes. */
  url: PictureUrl,
  status: oneOf("waiting", "ready", "failed"),
  /** Why the last try failed; it is tried again. */
  error: Type.Union([Type.String(), Type.Null()]),
  width: Type.Integer(),
  height: Type.Integer(),
  /** Of the uploaded file. */
  bytes: Type.Integer(),
  createdAt: Time,
});
export type UploadedPicture = Static<typeof UploadedPicture>;

export const Category = shape({
  slug: Slug,
  name: Line(120),
  description: Text(2000),
  parent: Type.Union([Slug, Type.Null()]),
  picture: Type.Union([PictureUrl, Type.Null()]),
  position: Type.Integer(),
  version: Version,
});
export type Category = Static<typeof Category>;
/** What staff may say of a category. */
export const categoryEditable = {
  name: Line(120),
  description: Type.Optional(Text(2000)),
  parent: Type.Optional(Type.Union([Slug, Type.Null()])),
  picture: Type.Optional(Type.Union([PictureUrl, Type.Null()])),
  position: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
};

export const Review = shape({
  id: Id,
  productId: Id,
  author: Line(200, 0),
  rating: Type.Integer({ minimum: 1, maximum: 5 }),
  title: Line(200, 0),
  text: Text(5000),
  status: oneOf("published", "hidden"),
  at: Time,
  version: Version,
});
export type Review = Static<typeof Review>;
