#!/usr/bin/env bash
# Installs the heavy tools of tools/package-lock.json (Lighthouse, linters of the API document) when they are missing or outdated.
set -euo pipefail
cd "$(dirname "$0")/../../tools"
stamp=node_modules/.installed-lockfile
cmp -s package-lock.json "$stamp" && exit 0
echo "Installing the packages of tools/package-lock.json ..."
npm ci --ignore-scripts --no-progress --no-audit --no-fund
cp package-lock.json "$stamp"
