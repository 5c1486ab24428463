export const serverFlags: (env: Readonly<Record<string, string | undefined>>) => readonly string[];
export const SERVER_ENV: Readonly<Record<string, string>>;
