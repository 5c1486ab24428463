#!/usr/bin/env bash
# The real retailer's invoices, placed and verified; says so loudly where the data is not beside the checkout.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=../shared/data/online-retail
if [ ! -d "$folder" ]; then
  echo "!!! NOT RUN: $folder is not there (nine days of invoices, Online Retail data set)"
  exit 0
fi
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
npm run --silent replay -- "$folder" --data "$data"
npm run --silent verify -- --data "$data" --history "$data/history.jsonl"
