# Sourced: runs suites, watches them, and adds up what they did.

PASSED=0
FAILED=0
SKIPPED=0
FAILURES=()
SUITES=0

count_passed() { PASSED=$((PASSED + 1)); }
count_failed() { FAILED=$((FAILED + 1)); FAILURES+=("$1"); say "FAILED: $1"; }
count_skipped() { SKIPPED=$((SKIPPED + 1)); say "skipped: $1"; }

# lacking WHAT REASON: a failure where skipping is forbidden, otherwise a skip.
lacking() {
    if [[ -n ${KATYDID_NO_SKIP:-} ]]; then count_failed "$1: $2"; else count_skipped "$1: $2"; fi
}

# The last line, on which others rely. Returns whether nothing failed.
print_totals() {
    local failure
    if ((FAILED > 0)); then
        headline "failed"
        for failure in "${FAILURES[@]}"; do say "  $failure"; done
    fi
    say "$PASSED passed, $FAILED failed, $SKIPPED skipped"
    ((FAILED == 0))
}

# check NAME COMMAND...: one step that counts as one test; its output appears only when it fails.
check() {
    local name=$1 log
    shift
    SUITES=$((SUITES + 1))
    log="$ARTIFACTS/results/check$SUITES.log"
    mkdir -p "$(dirname "$log")"
    if watch "$name" 600 "$log" "$@"; then count_passed; say "passed: $name"; else tail -n 60 "$log"; count_failed "$name"; fi
}

# run_suite NAME LIMIT_SECONDS HEARTBEAT RESULT_FILE COMMAND...: an NUnit executable which writes RESULT_FILE.
run_suite() {
    local name=$1 limit=$2 heartbeat=$3 results=$4 log="${4%.xml}.log" code=0 test
    shift 4
    SUITES=$((SUITES + 1))
    HEARTBEAT=$heartbeat watch "$name" "$limit" "$log" "$@" || code=$?
    if [[ -s $results ]]; then
        read_results "$name" "$results" "$code"
    else
        # It died: what it reported on the way is all there is.
        PASSED=$((PASSED + $(grep -c '^passed ' "$log" || true)))
        SKIPPED=$((SKIPPED + $(grep -c '^skipped ' "$log" || true)))
        while read -r test; do count_failed "$name: $test"; done < <(sed -n 's/^failed //p' "$log")
        count_failed "$name: ended with code $code and without results during $(running_tests "$heartbeat")"
        say "--- the end of $log"
        tail -n 40 "$log"
    fi
}

running_tests() { if [[ -s $1 ]]; then paste -sd ' ' "$1"; else echo "start or end"; fi; }

read_results() {
    local name=$1 results=$2 code=$3 outcome test reason passed=0 failed=0 skipped=0
    while IFS=$'\t' read -r outcome test reason; do
        case $outcome in
            passed) passed=$((passed + 1)) ;;
            failed) failed=$((failed + 1)); FAILURES+=("$name: $test: $reason") ;;
            skipped) skipped=$((skipped + 1)); say "skipped: $name: $test: $reason" ;;
        esac
    done < <(LC_ALL=C awk -f "$ROOT/scripts/lib/results.awk" "$results")
    PASSED=$((PASSED + passed))
    FAILED=$((FAILED + failed))
    SKIPPED=$((SKIPPED + skipped))
    say "$name: $passed passed, $failed failed, $skipped skipped"
    if ((passed + failed == 0)); then count_failed "$name: not one test ran"
    elif ((code != 0 && failed == 0)); then count_failed "$name: every test passed, but the run ended with code $code"
    fi
}

# watch NAME LIMIT_SECONDS LOG COMMAND...: ends what takes too long or stands still, and shows what it waited for.
# A heartbeat file that is no longer renewed is the sign of a runtime stopped for good: no thread of it can say so.
watch() {
    local name=$1 limit=$2 log=$3 marker="$$.$SUITES" start=$SECONDS stillness=60 pid follower code=0 why=
    shift 3
    : >"$log"
    KATYDID_SUITE=$marker "$@" </dev/null >"$log" 2>&1 &
    pid=$!
    if [[ -n ${SHOW_OUTPUT:-} ]]; then
        tail -n +1 -f --pid="$pid" "$log" | grep --line-buffered -v '^passed ' &
        follower=$!
    fi
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.5
        if ((SECONDS - start > limit)); then why="took more than $limit s"
        elif [[ -n ${HEARTBEAT:-} && -e $HEARTBEAT ]] && (($(date +%s) - $(stat -c %Y "$HEARTBEAT") > stillness)); then
            why="stood still for more than $stillness s"
        else continue
        fi
        warn "$name $why during $(running_tests "${HEARTBEAT:-}"); this is what hangs:"
        dump_and_kill_marked "$marker"
        break
    done
    wait "$pid" 2>/dev/null || code=$?
    [[ -n ${follower:-} ]] && wait "$follower" 2>/dev/null
    # Whatever a suite started must have ended with it.
    local left pids
    pids="$(processes_marked "$marker")"
    for left in $pids; do [[ $left == "$$" ]] || kill -KILL "$left" 2>/dev/null || true; done
    [[ -n $why ]] && { echo "$name $why" >>"$log"; ((code != 0)) || code=1; }
    return "$code"
}
