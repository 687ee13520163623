#!/bin/bash
# The whole test suite from a clean clone.
set -euo pipefail
cd "$(dirname "$0")/../.."
bash server/up/bootstrap.sh --tests
exec node_modules/.bin/tsx server/up/check.ts "$@"
