import accounts from "./001-accounts.ts";

export default [accounts];
