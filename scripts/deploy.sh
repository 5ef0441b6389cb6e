#!/usr/bin/env bash
# Validates, tests, publishes and deploys this checkout; --help tells more.
set -euo pipefail
# shellcheck source=scripts/launcher.sh
source "$(dirname "${BASH_SOURCE[0]}")/launcher.sh"
launch src/pipeline:deploy dist/pipeline/deploy.pex \
    pipeline deployment local_cloud drs_simulator shared -- "$@"
