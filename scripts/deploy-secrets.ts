/** Makes the secrets of a deployment, each in a file of its own; keeps those that are there. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { composeSecrets } from "./deploy/compose-secrets.ts";
import { kubernetesSecrets } from "./deploy/kubernetes-secrets.ts";
import { SecretFiles } from "./deploy/secret-files.ts";

const usage = `npm run deploy:secrets [-- [--kubernetes] <folder>]

Writes the secrets of docker-compose.yml, by default to deploy/secrets; with --kubernetes those of k8s/, by default to
deploy/secrets/kubernetes: a folder for each Secret, a file for each of its keys, so that
  kubectl create secret generic valence-orders --from-file=deploy/secrets/kubernetes/valence-orders
puts it in. Files that are there are kept; delete one (and what was made of it) to change it.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kubernetes: { type: "boolean" }, help: { type: "boolean" } },
});

if (values.help) console.log(usage);
else {
  const [folder = values.kubernetes ? "deploy/secrets/kubernetes" : "deploy/secrets"] = positionals;
  const files = new SecretFiles(resolve(folder));
  if (values.kubernetes) kubernetesSecrets(files);
  else composeSecrets(files);
  const admin = values.kubernetes ? "valence-users/ADMIN_PASSWORD" : "admin_password";
  console.log(`The secrets are in ${folder}; the shop's first login is in ${folder}/${admin}.`);
}
