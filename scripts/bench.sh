#!/usr/bin/env bash
# Measures Katydid beside its peers, both sides alternately, and writes the report.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: scripts/bench.sh [--quick] [--repeats N] [--only PART] [--output FILE]

Builds everything, runs Katydid and its peers alternately, once pinned to one core and once to two, and writes a report
with medians, ratios and goals.

  --quick        a look in about three minutes: fewer pages, fewer runs; the report goes to artifacts/bench/results.md
  --repeats N    runs of each side (default 5, quick 1)
  --only PART    no other part: faults, threads, resident, reads, snapshots, first-writes, commits, openings, scale,
                 memory, invocations, mappings or remote; may be given several times
  --output FILE  where the report goes (default docs/results.md)

The report also says what the tests of durability counted when scripts/test.sh ran last.

What is missing is installed with apt-get when this runs as root, and otherwise skipped, saying so.
TEXT
}

arguments="$*"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$root/artifacts/bench
bin=$root/Runtime.Bench/bin/Release/net10.0
files=$work/files
parts=()
repeats=5
pages=65536
quick_option=()
read_megabytes=1024
read_rounds=3
first_write_pages=16384
commits=2000
scale_containers=10000
scale_pages=1000000
memory_megabytes=256
output=$root/docs/results.md

while (($# > 0)); do
    case $1 in
        --quick)
            repeats=1 pages=16384 quick_option=(--quick)
            read_megabytes=128 read_rounds=1 first_write_pages=4096 commits=500
            scale_containers=1000 scale_pages=100000 memory_megabytes=64
            output=$work/results.md
            ;;
        --repeats) repeats=${2:?--repeats needs a number} && shift ;;
        --only) parts+=("${2:?--only needs a part}") && shift ;;
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
declare -a fault_sides=() first_write_sides=() commit_sides=()
side() {
    sides[$1]=${*:2}
    fault_sides+=("$1")
}

build() {
    mkdir -p "$work"
    say "building"
    local quietly=(--nologo -v quiet -p:RunAnalyzers=false)
    if ! dotnet build "$root/Runtime.Bench" -c Release "${quietly[@]}" >"$work/build.log" 2>&1; then
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
    "${compile[@]}" -o "$work/first_writes" "$sources"/{first_writes,timing,touch}.c
    first_write_sides=(fork private)
    if have lmdb.h liblmdb-dev "no comparison with LMDB, hence no verdict on commits"; then
        "${compile[@]}" -o "$work/lmdb" "$sources"/{commits,commits_lmdb,timing}.c -llmdb
        commit_sides+=(lmdb)
    fi
    if have sqlite3.h libsqlite3-dev "no comparison with SQLite"; then
        "${compile[@]}" -o "$work/sqlite" "$sources"/{commits,commits_sqlite,timing}.c -lsqlite3
        commit_sides+=(sqlite)
    fi
}

# The first $1 cores that this process may run on, as taskset wants them.
first_cores() {
    local range
    for range in $(taskset -cp $$ | sed 's/.*: //; s/,/ /g'); do
        seq "${range%-*}" "${range#*-}"
    done | sed -n "1,$1p" | paste -sd,
}

# Runs a command on the chosen cores and keeps what it prints. A side that fails or hangs is left out from then on.
declare -A failed=()
limit_s=900
run() {
    local name=$1
    shift
    [[ -n ${failed[$name]:-} ]] && return
    local status=0
    timeout "$limit_s" "${pin[@]}" "$@" >>"$samples" 2>"$work/error.log" || status=$?
    ((status == 0)) && return
    failed[$name]=yes
    ((status != 124)) || echo "no end after $limit_s s" >>"$work/error.log"
    say "$name failed and is left out: $(tail -n 1 "$work/error.log")"
}

# All sides in turn, again and again. Arguments as in Runtime.Bench/Peers/peer.c.
alternate() {
    say "on core(s) $cores: $*"
    for ((i = 0; i < repeats; i++)); do
        for name in "${fault_sides[@]}"; do
            # shellcheck disable=SC2086  # a side is a command with its arguments
            run "$name" ${sides[$name]} "$@"
        done
        for engine in "${engines[@]}"; do
            for way in accessor "native section"; do
                run "$way, $engine" "$bin/Katydid.Runtime.Bench" faults --engine "$engine" --way "$way" "$@"
            done
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
        for engine in "${engines[@]}"; do
            for way in "raw managed" "unmarked native"; do
                run "$way, $engine" "$bin/Katydid.Runtime.Bench" faults --engine "$engine" --way "$way" "$@"
            done
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
    run "resident memory" "$bin/Katydid.Runtime.Bench" resident "${quick_option[@]}"
}

# These alternate their sides themselves, round by round.
measure_reads() {
    say "on core(s) $cores: reads"
    run "reads" "$bin/Katydid.Runtime.Bench" reads --folder "$files" --megabytes $read_megabytes --rounds $read_rounds
}

measure_snapshots() {
    say "on core(s) $cores: snapshots"
    run "snapshots" "$bin/Katydid.Runtime.Bench" snapshots --folder "$files" --rounds $((repeats + 2))
}

measure_first_writes() {
    say "on core(s) $cores: first writes"
    for ((i = 0; i < repeats; i++)); do
        for name in "${first_write_sides[@]}"; do
            run "first writes, $name" "$work/first_writes" "$name" $first_write_pages 2
        done
        for engine in "${engines[@]}"; do
            for saved in "" --saved; do
                run "first writes, $engine" "$bin/Katydid.Runtime.Bench" first-writes --engine "$engine" $saved \
                    $first_write_pages 2
            done
        done
    done
}

# One thread, and sixteen.
measure_commits() {
    for threads in 1 16; do
        say "on core(s) $cores: commits by $threads thread(s)"
        for ((i = 0; i < repeats; i++)); do
            for name in "${commit_sides[@]}"; do
                rm -rf "${files:?}/$name" && mkdir -p "$files/$name"
                run "commits, $name" "$work/$name" "$files/$name" $threads $commits
                rm -rf "${files:?}/$name"
            done
            for engine in "${engines[@]}"; do
                run "commits, $engine" "$bin/Katydid.Runtime.Bench" commits --engine "$engine" \
                    "$files" $threads $commits
            done
        done
    done
}

measure_openings() {
    say "on core(s) $cores: openings"
    for ((i = 0; i < repeats; i++)); do
        for engine in "${engines[@]}"; do
            run "first opening, $engine" "$bin/Katydid.Runtime.Bench" openings --folder "$files" --first "$engine"
        done
    done
    run "openings" "$bin/Katydid.Runtime.Bench" openings --folder "$files" --rounds $((repeats + 2)) \
        "${quick_option[@]}"
}

measure_scale() {
    say "on core(s) $cores: scale"
    for engine in "${engines[@]}"; do
        run "scale, $engine" "$bin/Katydid.Runtime.Bench" scale --folder "$files" --engine "$engine" \
            --containers $scale_containers --pages $scale_pages
    done
}

measure_memory() {
    say "on core(s) $cores: memory in use"
    run "memory" "$bin/Katydid.Runtime.Bench" memory --folder "$files" --megabytes $memory_megabytes --rounds 1
}

measure_invocations() {
    say "on core(s) $cores: invocations"
    run "invocations" "$bin/Katydid.Runtime.Bench" invocations --rounds $((repeats + 2))
}

measure_mappings() {
    say "on core(s) $cores: mappings"
    run "mappings" "$bin/Katydid.Runtime.Bench" mappings --rounds $((repeats + 2))
}

measure_remote() {
    say "on core(s) $cores: a remote file"
    run "remote" "$bin/Katydid.Runtime.Bench" remote --megabytes 8 --rounds $((repeats + 1))
}

# measure PART, if it was asked for.
measure() {
    [[ ${#parts[@]} == 0 || " ${parts[*]} " == *" $1 "* ]] || return 0
    "measure_${1//-/_}"
}

command -v dotnet >/dev/null || { say "the .NET 10 SDK is missing: nothing can be built" && exit 1; }
build
mapfile -t engines < <("$bin/Katydid.Runtime.Bench" engines)
samples=$work/samples.jsonl
: >"$samples"
mkdir -p "$files"
trap 'rm -rf "${files:?}"' EXIT

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
    measure faults
    measure resident
    measure reads
done

# Whatever has threads of its own needs the two cores that are pinned now, if there are two.
for part in threads snapshots first-writes commits openings scale memory invocations mappings remote; do
    [[ $part != threads || $cores == *,* || $cores == any ]] || continue
    measure $part
done

commit=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
git -C "$root" diff --quiet HEAD -- . ':!docs/results.md' 2>/dev/null || commit+=", with changes not committed"
mkdir -p "$(dirname "$output")"
"$bin/Katydid.Runtime.Bench" report "$samples" --commit "$commit" \
    --tests "$root/artifacts/results/linux/Katydid.Runtime.Tests.xml" \
    --command "./scripts/bench.sh${arguments:+ $arguments}" >"$work/report.md"
mv "$work/report.md" "$output"
say "wrote $output"
((${#failed[@]} == 0)) || { say "incomplete: ${!failed[*]} failed" && exit 1; }
