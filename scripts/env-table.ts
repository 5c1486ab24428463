/** `node scripts/env-table.ts`: the README's table of environment variables, from the settings themselves. */
import { settings, type Setting } from "../config/settings.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

function row(name: string, { means, fallback, secret }: Setting<unknown>): string {
  const names = secret ? `\`${name}\`, \`${name}_FILE\`` : `\`${name}\``;
  const value = fallback === undefined || fallback === "" ? "" : `\`${fallback}\``;
  return `| ${names} | ${value} | ${cell(means)} |`;
}

/** One row per variable; a secret may also be given as the name of a file. */
export const environmentTable = (): string[] => [
  "| Variable | Default | What it is |",
  "| --- | --- | --- |",
  ...Object.entries(settings).map(([name, setting]) => row(name, setting as Setting<unknown>)),
];

if (import.meta.main) console.log(environmentTable().join("\n"));
