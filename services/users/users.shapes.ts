import { Type, type Static } from "typebox";
import { permissions, roles } from "../../contract/permissions.ts";
import { Address, Email, Id, Line, oneOf, shape, Time, Version } from "../../contract/shapes.ts";

export const Role = oneOf(...roles);
export const Scope = oneOf(...permissions);
/** 8 to 128 characters, any of Unicode; never truncated (ASVS 5.0 V6.2). */
export const Password = Type.String({ minLength: 8, maxLength: 128 });
export const Token = Line(200, 20);

export const User = shape({
  id: Id,
  email: Email,
  name: Line(200, 0),
  role: Role,
  emailVerified: Type.Boolean(),
  disabled: Type.Boolean(),
  createdAt: Time,
  version: Version,
});
export type User = Static<typeof User>;

/** `expiresIn` in seconds. The refresh token travels in a cookie only (`meta.setRefreshToken`). */
export const Login = shape({ accessToken: Type.String(), expiresIn: Type.Integer(), user: User });
export const Session = shape({
  id: Id,
  createdAt: Time,
  lastUsedAt: Time,
  userAgent: Type.String(),
  ip: Type.String(),
  current: Type.Boolean(),
});
export const SavedAddress = shape({
  ...Address.properties,
  id: Id,
  isDefault: Type.Boolean(),
  version: Version,
});
export const AddressBody = { ...Address.properties, isDefault: Type.Optional(Type.Boolean()) };
export const WishlistItem = shape({ productId: Id, addedAt: Time });
export const ApiKey = shape({
  id: Id,
  name: Line(120),
  prefix: Type.String(),
  /** Keys of a sandbox are `test`. */
  mode: oneOf("live", "test"),
  scopes: Type.Array(Scope),
  createdAt: Time,
  expiresAt: Type.Union([Time, Type.Null()]),
  lastUsedAt: Type.Union([Time, Type.Null()]),
  revokedAt: Type.Union([Time, Type.Null()]),
});
export type ApiKey = Static<typeof ApiKey>;
/** The only answer that ever shows the key itself. */
export const NewApiKey = shape({ ...ApiKey.properties, key: Type.String() });

/** `now` is what the store takes for the time, `aheadSeconds` how far it was moved. */
export const Sandbox = shape({ now: Time, aheadSeconds: Type.Integer() });
