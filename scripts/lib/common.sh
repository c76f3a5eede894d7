# Sourced by every script: where things are, how to say something, and how to get what a machine lacks.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
ARTIFACTS="$ROOT/artifacts"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# A build server that outlives the script would hold its output open, and a pipe that reads it would never end.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

say() { printf '%s\n' "$*"; }
headline() { printf '\n== %s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() { warn "$(basename "$0"): $*"; exit 1; }
usage_error() { warn "$(basename "$0"): $* (see --help)"; exit 2; }

# Prints the comment block at the head of the calling script, which is its help text.
print_help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

require_sdk() {
    command -v dotnet >/dev/null || die "the .NET 10 SDK is not installed: see https://dotnet.microsoft.com/download"
}

# as_root COMMAND...: runs it as root if that needs no password; fails otherwise.
as_root() {
    if [[ $EUID -eq 0 ]]; then "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1
    fi
}

APT_UPDATED=
WHY_MISSING=

# install_packages PACKAGE...: on failure WHY_MISSING tells the reason.
install_packages() {
    local log="$ARTIFACTS/apt.log"
    mkdir -p "$ARTIFACTS"
    command -v apt-get >/dev/null || { WHY_MISSING="there is no apt-get to install $* with"; return 1; }
    as_root true || { WHY_MISSING="installing $* needs root or sudo without a password"; return 1; }
    if [[ -z $APT_UPDATED ]]; then
        as_root apt-get -q -o DPkg::Lock::Timeout=300 update </dev/null >"$log" 2>&1 || warn "apt-get update failed; trying with the old lists"
        APT_UPDATED=1
    fi
    say "installing $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 \
        install "$@" </dev/null >>"$log" 2>&1 && return
    WHY_MISSING="apt-get install $* failed: $(grep -m 1 '^E:' "$log" || echo "see $log")"
    return 1
}

# provide THING PACKAGE...: THING is a command, or a C header such as sigsegv.h.
provide() {
    local thing=$1
    shift
    is_there "$thing" && return
    install_packages "$@" && is_there "$thing" && return
    : "${WHY_MISSING:="$thing is still missing after installing $*"}"
    return 1
}

is_there() {
    case $1 in
        *.h) command -v cc >/dev/null && printf '#include <%s>\n' "$1" | cc -E -x c - >/dev/null 2>&1 ;;
        *) command -v "$1" >/dev/null ;;
    esac
}
provide_cc() { provide cc gcc libc6-dev && provide stdlib.h libc6-dev; }
provide_mingw() { provide x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64; }
provide_wine() { provide wine wine wine64; }
provide_sigsegv() { provide sigsegv.h libsigsegv-dev; }
provide_file_systems() { provide mkfs.ext4 e2fsprogs && provide mkfs.xfs xfsprogs && provide findmnt util-linux; }
provide_lmdb() { provide lmdb.h liblmdb-dev; }
provide_sqlite() { provide sqlite3.h libsqlite3-dev; }
