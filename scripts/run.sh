#!/usr/bin/env bash
# Builds Katydid and runs its main job, `katydid demo`, on FILE (default: a file that every .NET machine has).
#
# usage: scripts/run.sh [FILE]
#   --help
#
# Needs the .NET 10 SDK and a C compiler; the compiler is installed with apt-get if that needs no password.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/lib/common.sh"

case ${1:-} in
    --help) print_help; exit ;;
    -*) usage_error "unknown option $1" ;;
esac
(($# <= 1)) || usage_error "one file at most"
[[ -z ${1:-} || -r $1 ]] || die "cannot read $1"

require_sdk
provide_cc || die "the trap library needs a C compiler: $WHY_MISSING"
# Not the solution: the demo needs neither the tests nor the benchmarks.
log="$ARTIFACTS/build.log"
mkdir -p "$ARTIFACTS"
dotnet build "$ROOT/Runtime.Tool" -c Release </dev/null >"$log" 2>&1 || { cat "$log"; die "the build failed"; }
exec "$ROOT/Runtime.Tool/bin/Release/net10.0/katydid" demo "$@"
