#!/usr/bin/env bash
# Measures Katydid beside its peers, both sides alternately, and writes the report.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: scripts/bench.sh [--quick] [--repeats N] [--output FILE]

Builds everything, runs Katydid and its peers alternately, once pinned to one core and once to two, and writes a report
with medians, ratios and goals.

  --quick        a look in about two minutes: fewer pages, fewer runs; the report goes to artifacts/bench/results.md
  --repeats N    runs of each side (default 9, quick 3)
  --output FILE  where the report goes (default docs/results.md)

What is missing is installed with apt-get when this runs as root, and otherwise skipped, saying so.
TEXT
}

arguments="$*"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$root/artifacts/bench
bin=$root/Runtime.Bench/bin/Release/net10.0
repeats=9
pages=65536
resident_repeats=3
resident_options=()
output=$root/docs/results.md

while (($# > 0)); do
    case $1 in
        --quick)
            repeats=3 pages=16384 resident_repeats=1 resident_options=(--quick)
            output=$work/results.md
            ;;
        --repeats) repeats=${2:?--repeats needs a number} && shift ;;
        --output) output=$(realpath -m "${2:?--output needs a file}") && shift ;;
        --help | -h) usage && exit 0 ;;
        *) usage >&2 && exit 2 ;;
    esac
    shift
done

say() { echo "bench: $*" >&2; }

# have COMMAND-OR-HEADER PACKAGE CONSEQUENCE: present, or installed now; otherwise says what follows from its absence.
have() {
    local present="command -v $1"
    [[ $1 == *.h ]] && present="test -e /usr/include/$1"
    $present >/dev/null && return
    if ((EUID == 0)) && command -v apt-get >/dev/null; then
        say "installing $2"
        { apt-get install -y -qq "$2" || { apt-get update -qq && apt-get install -y -qq "$2"; }; } >&2 || true
    fi
    $present >/dev/null && return
    say "$2 is missing and cannot be installed from here: $3"
    return 1
}

# The side whose name is $1 is the command in the rest.
declare -A sides=()
declare -a fault_sides=()
side() {
    sides[$1]=${*:2}
    fault_sides+=("$1")
}

build() {
    mkdir -p "$work"
    say "building"
    if ! dotnet build "$root/Runtime.Bench" -c Release --nologo -v quiet >"$work/build.log" 2>&1; then
        cat "$work/build.log" >&2
        exit 1
    fi
    have cc gcc "no peers in C, and no native code that faults" || return 0
    local sources=$root/Runtime.Bench/Peers
    local compile=(cc -std=gnu11 -O2 -Wall -Wextra -Werror -pthread)
    "${compile[@]}" -shared -fPIC -o "$bin/libkatydid_touch.so" "$sources/touch.c"
    "${compile[@]}" -o "$work/sigaction" "$sources"/{peer,peer_sigaction,touch}.c
    side sigaction "$work/sigaction"
    if have sigsegv.h libsigsegv-dev "no comparison with libsigsegv, hence no verdict on faults"; then
        "${compile[@]}" -o "$work/libsigsegv" "$sources"/{peer,peer_libsigsegv,touch}.c -lsigsegv
        side libsigsegv "$work/libsigsegv"
    fi
}

# The first $1 cores that this process may run on, as taskset wants them.
first_cores() {
    local range
    for range in $(taskset -cp $$ | sed 's/.*: //; s/,/ /g'); do
        seq "${range%-*}" "${range#*-}"
    done | sed -n "1,$1p" | paste -sd,
}

# Runs a command on the chosen cores and keeps what it prints. A side that fails is left out from then on.
declare -A failed=()
run() {
    local name=$1
    shift
    [[ -n ${failed[$name]:-} ]] && return
    if ! "${pin[@]}" "$@" >>"$samples" 2>"$work/error.log"; then
        failed[$name]=yes
        say "$name failed and is left out: $(tail -n 1 "$work/error.log")"
    fi
}

# All sides in turn, again and again. Arguments as in Runtime.Bench/Peers/peer.c.
alternate() {
    say "on core(s) $cores: $*"
    for ((i = 0; i < repeats; i++)); do
        for name in "${fault_sides[@]}"; do
            # shellcheck disable=SC2086  # a side is a command with its arguments
            run "$name" ${sides[$name]} "$@"
        done
        for way in accessor "native section"; do
            run "$way" "$bin/Katydid.Runtime.Bench" faults --way "$way" "$@"
        done
    done
}

# The peers alone, for orientation: what a private anonymous mapping would cost in place of a memfd.
alternate_private() {
    say "on core(s) $cores, private memory: $*"
    for ((i = 0; i < repeats; i++)); do
        for name in "${fault_sides[@]}"; do
            # shellcheck disable=SC2086
            run "$name" ${sides[$name]} "$@" private
        done
    done
}

# These wait for another thread at each fault, so fewer of them.
alternate_posted() {
    say "on core(s) $cores, posted: $*"
    for ((i = 0; i < repeats; i++)); do
        for way in "raw managed" "unmarked native"; do
            run "$way" "$bin/Katydid.Runtime.Bench" faults --way "$way" "$@"
        done
    done
}

measure_faults() {
    for pattern in sequential alternating; do
        for areas in 1 101; do
            alternate $pattern $areas 1 $pages 2
        done
    done
    alternate_private sequential 1 1 $pages 2
    alternate_posted sequential 1 1 4096 2
}

measure_threads() {
    alternate sequential 2 1 $pages 2
    alternate sequential 2 2 $pages 2
}

measure_resident() {
    say "on core(s) $cores: resident memory"
    for ((i = 0; i < resident_repeats; i++)); do
        run "resident memory" "$bin/Katydid.Runtime.Bench" resident "${resident_options[@]}"
    done
}

command -v dotnet >/dev/null || { say "the .NET 10 SDK is missing: nothing can be built" && exit 1; }
build
samples=$work/samples.jsonl
: >"$samples"

# On one core the runtime waits ten times as long before it optimizes hot code; the warm-up would end before that.
export DOTNET_TC_DelaySingleProcMultiplier=1

for count in 1 2; do
    if ! have taskset util-linux "nothing is pinned, and there is one run only"; then
        ((count == 2)) || continue
        pin=() cores=any
    else
        cores=$(first_cores $count)
        [[ $count == 2 && $cores != *,* ]] && say "only one core: no run on two" && continue
        pin=(taskset -c "$cores")
    fi
    measure_faults
    ((count == 2)) && measure_threads
    measure_resident
done

commit=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
git -C "$root" diff --quiet HEAD -- . ':!docs/results.md' 2>/dev/null || commit+=", with changes not committed"
mkdir -p "$(dirname "$output")"
"$bin/Katydid.Runtime.Bench" report "$samples" --command "./scripts/bench.sh${arguments:+ $arguments}" --commit "$commit" \
    >"$work/report.md"
mv "$work/report.md" "$output"
say "wrote $output"
((${#failed[@]} == 0)) || { say "incomplete: ${!failed[*]} failed" && exit 1; }
