# Sourced: what a process waits for, seen from outside, where a standstill of its runtime cannot hide it.

# processes_marked MARKER: those that inherited KATYDID_SUITE=MARKER, and so were started by us.
processes_marked() {
    local environ
    for environ in /proc/[0-9]*/environ; do
        { tr '\0' '\n' <"$environ" | grep -qxF "KATYDID_SUITE=$1"; } 2>/dev/null && basename "$(dirname "$environ")"
    done
    true
}

# dump_process PID: each thread with its state, the kernel function it waits in and its system call.
dump_process() {
    local task
    printf 'process %s: %s\n' "$1" "$(tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | cut -c 1-160)"
    printf '  %8s %-16s %-5s %-28s %s\n' thread name state waits-in 'system call'
    for task in "/proc/$1"/task/*; do
        printf '  %8s %-16s %-5s %-28s %s\n' "$(basename "$task")" "$(cat "$task/comm" 2>/dev/null)" \
            "$(sed -n 's/^State:\t\(.\).*/\1/p' "$task/status" 2>/dev/null)" "$(cat "$task/wchan" 2>/dev/null)" \
            "$(cut -c 1-60 "$task/syscall" 2>/dev/null)"
    done
}

dump_and_kill_marked() {
    local pid pids
    pids="$(processes_marked "$1")"
    for pid in $pids; do dump_process "$pid" >&2; done
    # Not all at once by name: only what carries our mark.
    for pid in $pids; do kill -KILL "$pid" 2>/dev/null || true; done
}
