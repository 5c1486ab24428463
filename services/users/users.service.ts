import { implement } from "../../contract/implement.ts";
import { sharersOf } from "../../mixins/sharers.ts";
import { sqlStore } from "../../mixins/sql-store.ts";
import type { UsersActor } from "./users.actor.ts";
import { addAddress, addresses, removeAddress, updateAddress } from "./users.addresses.ts";
import { create, get, list, update } from "./users.admin.ts";
import {
  apiKeys,
  authenticateKey,
  createApiKey,
  expiringApiKeys,
  revokeApiKey,
  rotateApiKey,
} from "./users.api-keys.ts";
import contract from "./users.contract.ts";
import { exportCustomers } from "./users.export.ts";
import { makeFirstAdmin } from "./users.first-admin.ts";
import { login } from "./users.login.ts";
import * as tables from "./users.model.ts";
import { changePassword } from "./users.password-change.ts";
import { passwords } from "./users.passwords.ts";
import { me, updateMe } from "./users.profile.ts";
import { forgotPassword, resetPassword, verify } from "./users.recovery.ts";
import { refresh } from "./users.refresh.ts";
import { register } from "./users.register.ts";
import { endSession, endSessions, logout, session, sessions } from "./users.sessions.ts";
import { moveClock, resetSandbox, sandbox, windClock } from "./users.sandbox.ts";
import { sweep } from "./users.sweep.ts";
import { throttle } from "./users.throttle.ts";
import { addToWishlist, removeFromWishlist, wishlist } from "./users.wishlist.ts";
import migrations from "./migrations/index.ts";

const sweepEvery = 60 * 60_000;

export default implement<typeof contract, UsersActor>(contract, {
  mixins: [
    sqlStore({
      tables: {
        users: tables.users,
        sessions: tables.sessions,
        refresh_tokens: tables.refreshTokens,
        tickets: tables.tickets,
        addresses: tables.addresses,
        api_keys: tables.apiKeys,
      },
      migrations,
    }),
  ],

  created() {
    this.passwords = passwords(this.config);
    this.throttle = throttle(this.config, sharersOf(this.broker, this.name));
    this.timers = [];
  },
  async started() {
    if (this.config.sandbox) await windClock(this);
    await makeFirstAdmin(this);
    const clean = () =>
      void sweep(this).catch((error: unknown) => this.logger.warn("The sweep failed", error));
    this.timers.push(setInterval(clean, sweepEvery));
  },
  async stopped() {
    this.timers.forEach(clearInterval);
    await this.throttle.close();
  },

  actions: {
    register,
    login,
    refresh,
    logout,
    verify,
    forgotPassword,
    resetPassword,

    me,
    updateMe,
    changePassword,
    sessions,
    endSession,
    endSessions,
    addresses,
    addAddress,
    updateAddress,
    removeAddress,
    wishlist,
    addToWishlist,
    removeFromWishlist,

    list,
    get,
    create,
    update,
    exportCustomers,

    sandbox,
    moveClock,
    resetSandbox,

    apiKeys,
    expiringApiKeys,
    createApiKey,
    rotateApiKey,
    revokeApiKey,

    session,
    authenticateKey,
  },
});
