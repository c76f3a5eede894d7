#!/usr/bin/env bash
# Installs what the other scripts can use and this machine lacks: a C compiler, the mingw cross-compiler, Wine,
# makers of file systems, libsigsegv and LMDB (both only for comparison). They call the same functions, so running this first is optional.
#
# usage: scripts/setup.sh
#   --help
#
# Exit code 1 if anything is still missing; it says what, why, and what will be skipped.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/lib/common.sh"

case ${1:-} in
    --help) print_help; exit ;;
    ?*) usage_error "unknown option $1" ;;
esac

missing=0
# want NAME FUNCTION CONSEQUENCE
want() {
    WHY_MISSING=
    if "$2"; then say "$1: present"; else say "$1: missing ($WHY_MISSING); $3"; missing=1; fi
}

require_sdk
want "C compiler" provide_cc "nothing can be built"
want "mingw-w64 cross-compiler" provide_mingw "the Windows build is neither packed nor tested"
want "Wine" provide_wine "the Windows build is not tested"
want "libsigsegv" provide_sigsegv "faults are not compared with it"
want "makers of ext4 and XFS" provide_file_systems "volumes are not tested on them"
want "LMDB" provide_lmdb "commits are not compared with it"
want "SQLite" provide_sqlite "commits are not compared with it"
exit "$missing"
