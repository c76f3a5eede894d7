#!/usr/bin/env bash
# Runs every test: on Linux, and the Windows build through Wine. The last line adds up all suites:
#   N passed, N failed, N skipped
#
# usage: scripts/test.sh [options]
#   --no-skip          what lacks Wine, mingw or libsigsegv fails instead of being skipped
#   --filter EXPR      only these tests, e.g. 'FullyQualifiedName~Volumes' or 'TestCategory=Crash'
#   --soak             the long tests (category Soak) too
#   --linux-only       not the Windows build
#   --windows-only     not the Linux build
#   --no-build         the build of last time
#   --timeout SECONDS  for each suite (1500); with --soak an hour more
#   --totals FILE      writes the last line to FILE too
#   --help
#
# What is missing (Wine, the mingw cross-compiler, libsigsegv, makers of file systems, a C compiler) is installed with
# apt-get if that is possible without a password; otherwise the script says what it skips and why. Logs: artifacts/results.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/lib/common.sh"
. "$here/lib/dump.sh"
. "$here/lib/suite.sh"
. "$here/lib/wine.sh"

linux=1 windows=1 build=1 soak= filter= limit=1500 totals=
while (($# > 0)); do
    case $1 in
        --no-skip) export KATYDID_NO_SKIP=1 ;;
        --filter) filter=${2:?--filter needs an expression}; shift ;;
        --soak) soak=1 ;;
        --linux-only) windows= ;;
        --windows-only) linux= ;;
        --no-build) build= ;;
        --timeout) limit=${2:?--timeout needs seconds}; shift ;;
        --totals) totals=${2:?--totals needs a file}; shift ;;
        --help) print_help; exit ;;
        *) usage_error "unknown option $1" ;;
    esac
    shift
done
[[ -n $linux || -n $windows ]] || usage_error "--linux-only and --windows-only leave nothing"

if [[ -n $filter ]]; then filter="($filter)"; fi
if [[ -n $soak ]]; then limit=$((limit + 3600)); else filter="TestCategory!=Soak${filter:+&$filter}"; fi
results="$ARTIFACTS/results"
project="$ROOT/Runtime.Tests"
published="$ARTIFACTS/tests-win-x64"
cd "$ROOT"
trap stop_wine EXIT
ulimit -c 0

finish() {
    local code=0
    print_totals | tee ${totals:+"$totals"} || code=1
    exit "$code"
}

build_linux() { dotnet build Runtime.sln -c Release; }

publish_windows() {
    # Not --runtime on restore: the lock files describe all runtimes, and the libraries have none of their own.
    dotnet restore Runtime.sln && rm -rf "$published" &&
        dotnet publish "$project" --no-restore -c Release -r win-x64 --self-contained -p:RunAnalyzers=false -o "$published"
}

must() {
    local what=$1 log="$results/build.log"
    shift
    headline "$what"
    "$@" </dev/null >"$log" 2>&1 || { cat "$log"; count_failed "$what"; finish; }
    grep -E 'Warning\(s\)|Error\(s\)|Elapsed| -> .*tests-win' "$log" || true
}

# settings_for NAME DIRECTORY: NUnit writes its result file only when a settings file says so.
settings_for() {
    printf '<RunSettings><NUnit><TestOutputXml>%s</TestOutputXml></NUnit></RunSettings>\n' "$2" >"$results/$1.runsettings"
}

test_linux() {
    headline "tests on Linux"
    settings_for linux "$results/linux"
    KATYDID_HEARTBEAT="$results/linux/heartbeat" \
        run_suite Linux "$limit" "$results/linux/heartbeat" "$results/linux/Katydid.Runtime.Tests.xml" \
        "$project/bin/Release/net10.0/Katydid.Runtime.Tests" --filter "${filter:+$filter&}TestCategory!=WindowsOnly" \
        --settings "$results/linux.runsettings" --output Detailed --no-ansi --progress off
}

test_windows() {
    headline "tests of the Windows build, under Wine"
    start_wine || { count_failed "Wine does not start"; return; }
    settings_for windows "$(windows_path "$results/windows")"
    KATYDID_HEARTBEAT="$(windows_path "$results/windows/heartbeat")" \
        run_suite Windows "$limit" "$results/windows/heartbeat" "$results/windows/Katydid.Runtime.Tests.xml" \
        wine "$published/Katydid.Runtime.Tests.exe" --filter "${filter:+$filter&}TestCategory!=LinuxOnly" \
        --settings "$(windows_path "$results/windows.runsettings")" --output Detailed --no-ansi --progress off
}

require_sdk
rm -rf "$results"
mkdir -p "$results/linux" "$results/windows"
SHOW_OUTPUT=1

provide_cc || die "the trap library needs a C compiler: $WHY_MISSING"
WHY_MISSING=
mingw=1
provide_mingw || { mingw=; lacking "the Windows trap library" "no x86_64-w64-mingw32-gcc: $WHY_MISSING"; }
WHY_MISSING=
provide_sigsegv || lacking "the comparison with libsigsegv" "$WHY_MISSING"
WHY_MISSING=
# Only root mounts; for others these tests are skipped, with that reason.
if [[ -n $linux && $EUID -eq 0 ]]; then
    provide_file_systems || lacking "the tests on ext4 and XFS" "$WHY_MISSING"
    WHY_MISSING=
fi

if [[ -n $linux ]]; then
    [[ -z $build ]] || must "building" build_linux
    test_linux
fi
if [[ -n $windows ]]; then
    if ! provide_wine; then
        lacking "the tests of the Windows build" "no Wine: $WHY_MISSING"
    elif [[ -n $mingw ]]; then
        [[ -z $build ]] || must "publishing the Windows build" publish_windows
        test_windows
    fi
fi
headline "all suites"
finish
