import { conflict, forbidden, refuse, unauthenticated } from "../../contract/errors.ts";

/** The same words for an unknown address, a wrong password and a disabled account. */
export const invalidCredentials = () =>
  unauthenticated("INVALID_CREDENTIALS", "The e-mail address or the password is wrong.");

export const wrongPassword = () =>
  unauthenticated("INVALID_CREDENTIALS", "The current password is wrong.", {
    errors: [{ pointer: "/current", message: "is wrong" }],
  });

export const invalidRefreshToken = () => unauthenticated("INVALID_REFRESH_TOKEN", "Sign in again.");

export const tooManyRequests = (retryAfterSeconds: number) =>
  refuse(429, "TOO_MANY_REQUESTS", "Too many tries. Wait a while.", { retryAfterSeconds });

export const emailTaken = () =>
  conflict("EMAIL_TAKEN", "An account with this e-mail address exists already.", {
    errors: [{ pointer: "/email", message: "is taken" }],
  });

export const passwordTooCommon = () =>
  refuse(422, "PASSWORD_TOO_COMMON", "This password is easy to guess. Choose another one.", {
    errors: [{ pointer: "/password", message: "is easy to guess" }],
  });

export const invalidToken = () =>
  refuse(422, "INVALID_TOKEN", "This link was used before, or its time is over.", {
    errors: [{ pointer: "/token", message: "is not valid any more" }],
  });

export const tooManyAddresses = (most: number) =>
  refuse(422, "TOO_MANY_ADDRESSES", `An account keeps at most ${most} addresses.`, { most });

export const tooManyWishes = (most: number) =>
  refuse(422, "TOO_MANY_WISHES", `A wishlist keeps at most ${most} products.`, { most });

export const lastAdmin = () => conflict("LAST_ADMIN", "The store needs an admin: make another one first.");

export const scopeNotHeld = (scopes: readonly string[]) =>
  forbidden("SCOPE_NOT_HELD", "A key may not do more than its maker.", { scopes });
