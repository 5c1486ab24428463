import { readFileSync } from "node:fs";
import { settings, type Setting, type SettingName, type ValueOf } from "./settings.ts";
import { Wrong } from "./parse.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A wrong setting; the message is one line that names the variable and the cure, and never repeats a secret. */
export class ConfigError extends Error {
  readonly type = "CONFIG";
  constructor(variable: string, cure: string) {
    super(`${variable} ${cure}`);
  }
}

/** Reads checked values; an empty variable counts as a missing one. */
export type Read = <N extends SettingName>(name: N) => ValueOf<N> | undefined;

/** @throws ConfigError for a value that does not parse, or a secret's file that cannot be read */
export function reader(env: Environment): Read {
  return <N extends SettingName>(name: N) => {
    const found = settings[name] as Setting<ValueOf<N>>;
    const [variable, text] = given(env, name, found);
    if (text === undefined) return undefined;
    try {
      return found.parse(text);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      const shown = found.secret || text.length > 60 ? "" : ` (it is "${text}")`;
      throw new ConfigError(variable, `${error.message}${shown}.`.replaceAll(/\s+/g, " "));
    }
  };
}

function given(env: Environment, name: string, found: Setting<unknown>): [string, string | undefined] {
  const file = found.secret ? env[`${name}_FILE`] : undefined;
  if (!file) return [name, env[name] || found.fallback];
  if (env[name]) throw new ConfigError(`${name}_FILE`, `and ${name} are both set; keep one.`);
  try {
    return [`${name}_FILE`, readFileSync(file, "utf8").trim()];
  } catch {
    throw new ConfigError(`${name}_FILE`, "names a file that cannot be read.");
  }
}
