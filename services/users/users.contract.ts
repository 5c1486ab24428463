import { Type, type Static } from "typebox";
import { defineContract } from "../../contract/define.ts";
import { permissions, roles } from "../../contract/permissions.ts";
import {
  Address,
  Email,
  Empty,
  exporting,
  Id,
  Line,
  Nothing,
  oneOf,
  page,
  paging,
  rowsPage,
  shape,
  Time,
  Version,
} from "../../contract/shapes.ts";
import { Product } from "../products/products.contract.ts";

const Role = oneOf(...roles);
const Scope = oneOf(...permissions);
/** 8 to 128 characters, any of Unicode; never truncated (ASVS 5.0 V6.2). */
const Password = Type.String({ minLength: 8, maxLength: 128 });
const Token = Line(200, 20);

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
const Login = shape({ accessToken: Type.String(), expiresIn: Type.Integer(), user: User });
const Session = shape({
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
const AddressBody = { ...Address.properties, isDefault: Type.Optional(Type.Boolean()) };
const WishlistItem = shape({ productId: Id, addedAt: Time });
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
const NewApiKey = shape({ ...ApiKey.properties, key: Type.String() });

/** `now` is what the store takes for the time, `aheadSeconds` how far it was moved. */
const Sandbox = shape({ now: Time, aheadSeconds: Type.Integer() });

const authErrors = { INVALID_CREDENTIALS: 401, TOO_MANY_REQUESTS: 429 };
const customer = "customer" as const;

export default defineContract("users", {
  actions: {
    register: {
      summary: "Create a customer account",
      rest: "POST /auth/register",
      auth: "anyone",
      status: 201,
      params: shape({ email: Email, password: Password, name: Line(200) }),
      returns: shape({ user: User }),
      idempotent: false,
      errors: { EMAIL_TAKEN: 409, PASSWORD_TOO_COMMON: 422, TOO_MANY_REQUESTS: 429 },
    },
    login: {
      summary: "Sign in with e-mail and password",
      rest: "POST /auth/login",
      auth: "anyone",
      params: shape({ email: Email, password: Type.String({ minLength: 1, maxLength: 128 }) }),
      returns: Login,
      idempotent: false,
      errors: authErrors,
    },
    refresh: {
      summary: "Exchange the refresh cookie for a new access token",
      rest: "POST /auth/refresh",
      auth: "anyone",
      params: Empty,
      returns: Login,
      idempotent: false,
      errors: { INVALID_REFRESH_TOKEN: 401, CROSS_SITE_REQUEST: 403 },
    },
    logout: {
      summary: "End this session",
      rest: "POST /auth/logout",
      auth: "anyone",
      params: Empty,
      returns: Nothing,
      idempotent: "keyed",
      errors: { CROSS_SITE_REQUEST: 403 },
    },
    verify: {
      summary: "Confirm an e-mail address by the token of the mail",
      rest: "POST /auth/verify",
      auth: "anyone",
      params: shape({ token: Token }),
      returns: shape({ user: User }),
      idempotent: "keyed",
      errors: { INVALID_TOKEN: 422 },
    },
    forgotPassword: {
      summary: "Ask for a reset mail; the answer is the same for unknown addresses",
      rest: "POST /auth/password/forgot",
      auth: "anyone",
      status: 202,
      params: shape({ email: Email }),
      returns: Empty,
      idempotent: false,
      errors: { TOO_MANY_REQUESTS: 429 },
    },
    resetPassword: {
      summary: "Set a new password by the token of the mail; ends every session",
      rest: "POST /auth/password/reset",
      auth: "anyone",
      params: shape({ token: Token, password: Password }),
      returns: Nothing,
      idempotent: false,
      errors: { INVALID_TOKEN: 422, PASSWORD_TOO_COMMON: 422 },
    },
    me: {
      summary: "The signed-in account",
      rest: "GET /me",
      auth: customer,
      etag: "version",
      params: Empty,
      returns: User,
      idempotent: "read",
    },
    updateMe: {
      summary: "Change name or e-mail address (a new address must be verified again)",
      rest: "PATCH /me",
      auth: customer,
      etag: "version",
      ifMatch: "optional",
      idempotencyKey: "optional",
      params: shape({ name: Type.Optional(Line(200)), email: Type.Optional(Email) }, { minProperties: 1 }),
      returns: User,
      idempotent: "keyed",
      errors: { EMAIL_TAKEN: 409, VERSION_MISMATCH: 412 },
    },
    changePassword: {
      summary: "Change the password; ends the other sessions",
      rest: "PUT /me/password",
      auth: customer,
      params: shape({ current: Type.String({ minLength: 1, maxLength: 128 }), password: Password }),
      returns: Nothing,
      idempotent: false,
      errors: { INVALID_CREDENTIALS: 401, PASSWORD_TOO_COMMON: 422, TOO_MANY_REQUESTS: 429 },
    },
    sessions: {
      summary: "Where this account is signed in",
      rest: "GET /me/sessions",
      auth: customer,
      params: Empty,
      returns: shape({ data: Type.Array(Session) }),
      idempotent: "read",
    },
    endSession: {
      summary: "Sign out one session",
      rest: "DELETE /me/sessions/:id",
      auth: customer,
      params: shape({ id: Id }),
      returns: Nothing,
      idempotent: "keyed",
      errors: { SESSION_NOT_FOUND: 404 },
    },
    endSessions: {
      summary: "Sign out every other session",
      rest: "DELETE /me/sessions",
      auth: customer,
      params: Empty,
      returns: Nothing,
      idempotent: "keyed",
    },
    addresses: {
      summary: "Saved addresses",
      rest: "GET /me/addresses",
      auth: customer,
      params: Empty,
      returns: shape({ data: Type.Array(SavedAddress) }),
      idempotent: "read",
    },
    addAddress: {
      summary: "Save an address (at most 50)",
      rest: "POST /me/addresses",
      auth: customer,
      status: 201,
      etag: "version",
      idempotencyKey: "optional",
      params: shape(AddressBody),
      returns: SavedAddress,
      idempotent: "keyed",
      errors: { TOO_MANY_ADDRESSES: 422 },
    },
    updateAddress: {
      summary: "Change a saved address",
      rest: "PATCH /me/addresses/:id",
      auth: customer,
      etag: "version",
      ifMatch: "optional",
      idempotencyKey: "optional",
      params: shape({ ...Type.Partial(shape(AddressBody)).properties, id: Id }),
      returns: SavedAddress,
      idempotent: "keyed",
      errors: { ADDRESS_NOT_FOUND: 404, VERSION_MISMATCH: 412 },
    },
    removeAddress: {
      summary: "Forget a saved address",
      rest: "DELETE /me/addresses/:id",
      auth: customer,
      params: shape({ id: Id }),
      returns: Nothing,
      idempotent: "keyed",
      errors: { ADDRESS_NOT_FOUND: 404 },
    },
    wishlist: {
      summary: "Wished products, newest first",
      rest: "GET /me/wishlist",
      fields: true,
      auth: customer,
      params: Empty,
      expand: { product: { action: "products.get", by: "productId", param: "idOrSlug" } },
      returns: shape({
        data: Type.Array(shape({ ...WishlistItem.properties, product: Type.Optional(Product) }), {
          maxItems: 500,
        }),
      }),
      idempotent: "read",
    },
    addToWishlist: {
      summary: "Wish for a product",
      rest: "PUT /me/wishlist/:productId",
      auth: customer,
      params: shape({ productId: Id }),
      returns: WishlistItem,
      idempotent: "keyed",
      errors: { PRODUCT_NOT_FOUND: 404, TOO_MANY_WISHES: 422 },
    },
    removeFromWishlist: {
      summary: "Take a product off the wishlist",
      rest: "DELETE /me/wishlist/:productId",
      auth: customer,
      params: shape({ productId: Id }),
      returns: Nothing,
      idempotent: "keyed",
    },

    list: {
      summary: "Accounts, newest first",
      rest: "GET /admin/users",
      fields: true,
      auth: { permission: "customers:read" },
      params: shape({
        ...paging,
        role: Type.Optional(Role),
        q: Type.Optional(Line(200)),
        sort: Type.Optional(oneOf("createdAt", "-createdAt", "email", "-email")),
      }),
      returns: page(User),
      idempotent: "read",
    },
    get: {
      summary: "One account",
      rest: "GET /admin/users/:id",
      fields: true,
      auth: { permission: "customers:read" },
      etag: "version",
      params: shape({ id: Id }),
      returns: User,
      idempotent: "read",
      errors: { USER_NOT_FOUND: 404 },
    },
    create: {
      summary: "Create an account with a role",
      rest: "POST /admin/users",
      auth: { permission: "customers:write" },
      status: 201,
      etag: "version",
      idempotencyKey: "optional",
      params: shape({ email: Email, password: Password, name: Line(200), role: Role }),
      returns: User,
      idempotent: "keyed",
      errors: { EMAIL_TAKEN: 409, PASSWORD_TOO_COMMON: 422 },
    },
    update: {
      summary: "Change role or name, disable or enable; a disabled account's sessions end at once",
      rest: "PATCH /admin/users/:id",
      auth: { permission: "customers:write" },
      etag: "version",
      ifMatch: "required",
      idempotencyKey: "optional",
      params: shape({
        id: Id,
        name: Type.Optional(Line(200)),
        role: Type.Optional(Role),
        disabled: Type.Optional(Type.Boolean()),
      }),
      returns: User,
      idempotent: "keyed",
      errors: { USER_NOT_FOUND: 404, LAST_ADMIN: 409, VERSION_MISMATCH: 412 },
    },
    exportCustomers: {
      summary: "Every customer account, as CSV or NDJSON",
      rest: "GET /admin/exports/customers",
      auth: { permission: "customers:read" },
      answer: "rows",
      params: shape(exporting),
      returns: rowsPage(User),
      idempotent: "read",
      timeout: 10_000,
    },

    sandbox: {
      summary: "The sandbox and its clock",
      rest: "GET /sandbox",
      auth: { permission: "sandbox:write" },
      params: Empty,
      returns: Sandbox,
      idempotent: "read",
      errors: { SANDBOX_OFF: 404 },
    },
    moveClock: {
      summary: "Move the sandbox's clock forward: holds, expiries and retries come due. It never goes back",
      rest: "POST /sandbox/clock",
      auth: { permission: "sandbox:write" },
      idempotencyKey: "optional",
      params: shape({ advanceSeconds: Type.Integer({ minimum: 1, maximum: 366 * 86_400 }) }),
      returns: Sandbox,
      idempotent: false,
      errors: { SANDBOX_OFF: 404 },
    },
    resetSandbox: {
      summary:
        "Forget orders, carts, payments, holds and mails of the sandbox; catalogue, stock, accounts, keys and clock stay",
      rest: "POST /sandbox/reset",
      auth: { permission: "sandbox:write" },
      params: Empty,
      returns: Sandbox,
      idempotent: "keyed",
      timeout: 60_000,
      errors: { SANDBOX_OFF: 404 },
    },

    apiKeys: {
      summary: "API keys, without their secrets",
      rest: "GET /api-keys",
      auth: { permission: "api-keys:write" },
      params: Empty,
      returns: shape({ data: Type.Array(ApiKey) }),
      idempotent: "read",
    },
    expiringApiKeys: {
      summary: "Live API keys that end within so many days, the next to end first; at most 50",
      params: shape({ days: Type.Integer({ minimum: 1, maximum: 365 }) }),
      returns: shape({ data: Type.Array(shape({ prefix: Type.String(), expiresAt: Time })) }),
      idempotent: "read",
    },
    createApiKey: {
      summary: "Make an API key; it is shown this once. Its scopes never exceed its maker's",
      rest: "POST /api-keys",
      auth: { permission: "api-keys:write" },
      status: 201,
      params: shape({
        name: Line(120),
        scopes: Type.Array(Scope, { minItems: 1, maxItems: 50, uniqueItems: true }),
        expiresAt: Type.Optional(Time),
      }),
      returns: NewApiKey,
      idempotent: false,
      errors: { SCOPE_NOT_HELD: 403 },
    },
    rotateApiKey: {
      summary: "Make a second live key of the same name and scopes; revoke the old one when you are ready",
      rest: "POST /api-keys/:id/rotate",
      auth: { permission: "api-keys:write" },
      status: 201,
      params: shape({ id: Id }),
      returns: NewApiKey,
      idempotent: false,
      errors: { API_KEY_NOT_FOUND: 404, SCOPE_NOT_HELD: 403 },
    },
    revokeApiKey: {
      summary: "Revoke an API key",
      rest: "DELETE /api-keys/:id",
      auth: { permission: "api-keys:write" },
      params: shape({ id: Id }),
      returns: Nothing,
      idempotent: "keyed",
      errors: { API_KEY_NOT_FOUND: 404 },
    },

    /** The gateway asks it at most once a second and session; false ends the access token before its time. */
    session: {
      summary: "Whether a session is alive, and what its account may do now",
      params: shape({ session: Id }),
      returns: Type.Union([shape({ account: Id, role: Role, email: Email }), Type.Null()]),
      idempotent: "read",
    },
    authenticateKey: {
      summary: "The identity behind an API key, null when unknown, expired or revoked",
      params: shape({ key: Line(200) }),
      returns: Type.Union([shape({ id: Id, scopes: Type.Array(Scope), owner: Id }), Type.Null()]),
      idempotent: "read",
    },
  },
  events: {
    registered: {
      summary: "An account was created; notifications sends the verification mail",
      payload: shape({ userId: Id, email: Email, name: Line(200, 0), verificationId: Id }),
    },
    emailChanged: {
      summary: "An account has another address; notifications asks the new one and tells the previous one",
      payload: shape({
        userId: Id,
        email: Email,
        previousEmail: Email,
        name: Line(200, 0),
        verificationId: Id,
      }),
    },
    passwordForgotten: {
      summary: "A reset was asked for; the mail's token is derived from `resetId`",
      payload: shape({ userId: Id, email: Email, resetId: Id }),
    },
    passwordChanged: {
      summary: "A password was changed or reset",
      payload: shape({ userId: Id, email: Email }),
    },
    /** Best effort: gateways forget what they remember of the session. */
    sessionsEnded: { summary: "Sessions ended", payload: shape({ sessions: Type.Array(Id) }) },
    clockMoved: {
      summary: "Nodes of a sandbox go by this many milliseconds ahead of the real time",
      payload: shape({ ahead: Type.Integer() }),
    },
    apiKeyRevoked: { summary: "Gateways forget what they remember of the key", payload: shape({ id: Id }) },
  },
});
