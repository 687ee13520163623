#!/bin/bash
# The one command: prepares whatever is not prepared yet, then becomes the server.
set -euo pipefail
cd "$(dirname "$0")/../.."
bash server/up/bootstrap.sh
node_modules/.bin/tsx server/up/prepare.ts
NODE_ENV=production exec node --enable-source-maps dist/main.mjs
