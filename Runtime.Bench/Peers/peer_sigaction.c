/* The floor: a bare handler that opens whatever page faulted, without asking whose it is. */
#include <signal.h>

#include "peer.h"

const char peer_name[] = "sigaction";

static void on_fault(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    open_page(info->si_addr);
}

void peer_install(const struct area *areas, size_t count)
{
    (void)areas;
    (void)count;
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGSEGV, &action, NULL) != 0) {
        fail("sigaction");
    }
}
