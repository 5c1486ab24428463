import accounts from "./001-accounts.ts";
import sandbox from "./002-sandbox.ts";

export default [accounts, sandbox];
