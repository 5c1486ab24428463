import type { Role, Roles } from "./roles.ts";

const quoted = (subjects: readonly string[]): string =>
  subjects.map((subject) => JSON.stringify(subject)).join(", ");

/**
 * What one role's user may do: answer and listen under its own node ids, ask the roles that it calls, gossip. A node's id
 * is `<role>.<name>`, so that NATS can grant its subjects by prefix.
 */
export function permissionsOf(roles: Roles, role: string): { publish: string[]; subscribe: string[] } {
  const { calls } = roles[role] as Role;
  return {
    publish: [
      ...calls.map((to) => `MOL.REQ.${to}.>`),
      "MOL.RES.>",
      "MOL.EVENT.>",
      "MOL.DISCOVER",
      "MOL.DISCOVER.>",
      "MOL.INFO",
      "MOL.INFO.>",
      "MOL.DISCONNECT",
      "MOL.HEARTBEAT",
      "MOL.PING",
      "MOL.PING.>",
      "MOL.PONG.>",
    ],
    subscribe: [
      ...["REQ", "RES", "EVENT", "DISCOVER", "INFO", "PING", "PONG"].map((kind) => `MOL.${kind}.${role}.>`),
      "MOL.DISCOVER",
      "MOL.INFO",
      "MOL.DISCONNECT",
      "MOL.HEARTBEAT",
      "MOL.PING",
    ],
  };
}

/** The accounts of the NATS server: a user for each role, and the gateways' system login that may only watch. */
export function natsAccounts(roles: Roles, passwords: Readonly<Record<string, string>>): string {
  const users = Object.keys(roles).map((role) => {
    const { publish, subscribe } = permissionsOf(roles, role);
    return `    { user: ${role}, password: ${JSON.stringify(passwords[role])}, permissions: {
        publish: { allow: [${quoted(publish)}] }, subscribe: { allow: [${quoted(subscribe)}] } } }`;
  });
  return `accounts: {
  STORE: { users: [
${users.join("\n")}
  ] }
  SYS: { users: [{ user: presence, password: ${JSON.stringify(passwords["presence"])}, permissions: {
    publish: { deny: ">" }, subscribe: ["$SYS.ACCOUNT.*.DISCONNECT"] } }] }
}
system_account: SYS
`;
}
