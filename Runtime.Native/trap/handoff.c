/* Faults that the faulting thread may not serve itself: posted to pager threads in slots, and retried until answered.
 * A thread that waits here is in the middle of an instruction of managed code, perhaps one that the runtime wants to
 * stop: so it waits in slices, returns to the instruction between them, and asks again with the next fault. */
#include "internal.h"

#define SLOTS 256
#define SHORT_SLICES_MS 16                  /* after so long the handler is a slow one, and slices grow */
#define MANAGED_SLICE_MS (KT_SLICE_MS + 3)  /* at most: a suspension of the runtime waits as long */
#define NATIVE_SLICE_MS 50                  /* at most: nobody waits for native code but itself */
#define SLICE_COUNTS_MS (KT_SLICE_MS + 4)   /* a starved machine passes time but few slices: no more of one counts */
#define LEFT_BEHIND_MS 1000                 /* a touch not repeated for so long succeeded; its answer is nobody's */
#define HEARTBEAT_NS 5000000

enum state { FREE, FILLING, POSTED, TAKEN, DONE, ABANDONED };

/* A slot's word is its state and the number of the post that it holds, in one: nobody acts on another's post. */
#define WORD(post, state) ((post) << 3 | (uint32_t)(state))
#define STATE(word) ((enum state)((word) & 7))
#define POST(word) ((word) >> 3)

static struct slot {
    _Alignas(64) _Atomic uint32_t word;
    int64_t done_ms;
    struct kt_fault fault;
} s_slots[SLOTS];

static _Atomic uint32_t s_posts;            /* pagers sleep on it */
static _Atomic uint32_t s_frees;            /* those who found no slot sleep on it */
static _Atomic uint32_t s_outstanding;      /* posted and not yet answered; the heartbeat sleeps on it */
static _Atomic int64_t s_overflow_ms;       /* when last somebody found no slot: waiting, too, and not counted there */
static _Atomic int64_t s_called_ms;         /* when the heartbeat was sent through managed code; 0: it is back */

static int move(struct slot *slot, uint32_t post, enum state from, enum state to)
{
    uint32_t expected = WORD(post, from);
    return atomic_compare_exchange_strong(&slot->word, &expected, WORD(post, to));
}

static void release(struct slot *slot, uint32_t post)
{
    atomic_store(&slot->word, WORD(post, FREE));
    atomic_fetch_add(&s_frees, 1);
    kt_wake(&s_frees, 0);
}

static struct slot *claim(int64_t now)
{
    for (int i = 0; i < SLOTS; i++) {
        uint32_t word = atomic_load(&s_slots[i].word);
        enum state state = STATE(word);
        if ((state == FREE || (state == DONE && now - s_slots[i].done_ms > LEFT_BEHIND_MS))
            && atomic_compare_exchange_strong(&s_slots[i].word, &word, WORD(POST(word) + 1, FILLING)))
            return &s_slots[i];
    }
    return 0;
}

static struct slot *post(struct kt_thread *self, const struct kt_fault *fault, int64_t now)
{
    struct slot *slot = claim(now);
    if (!slot)
        return 0;
    slot->fault = *fault;
    self->slot = 1 + (uint32_t)(slot - s_slots);
    self->post = POST(atomic_load(&slot->word));
    atomic_store(&slot->word, WORD(self->post, POSTED));
    if (atomic_fetch_add(&s_outstanding, 1) == 0)
        kt_wake(&s_outstanding, 1);
    atomic_fetch_add(&s_posts, 1);
    kt_wake(&s_posts, 0);
    return slot;
}

/* The slot with this thread's post, unless somebody found it left behind. */
static struct slot *posted_before(struct kt_thread *self)
{
    struct slot *slot = self->slot ? &s_slots[self->slot - 1] : 0;
    return slot && POST(atomic_load(&slot->word)) == self->post ? slot : 0;
}

/* The first slice of a touch. Another touch than the last one means that the last one succeeded meanwhile. So does the
 * same one after a long time: an answer to that one must not be taken for the answer to this one. */
static void begin_touch(struct kt_thread *self, struct kt_fault *fault, int64_t now)
{
    uint64_t touch = (fault->address & KT_PAGE_MASK) | fault->way << 2 | fault->access;
    self->touch_is_new = self->touch != touch || now - self->slice_ms > LEFT_BEHIND_MS;
    if (self->touch_is_new) {
        kt_abandon(self);
        self->touch = touch;
        self->began_ms = self->slice_ms = now;
        self->called_ms = self->stalled_ms = 0;
        kt_count(self, &kt_counters(self)->faults[fault->way]);
    }
    fault->parent = self->serving;
}

void kt_abandon(struct kt_thread *self)
{
    self->touch = 0;
    if (!self->slot)
        return;
    struct slot *slot = &s_slots[self->slot - 1];
    self->slot = 0;
    if (move(slot, self->post, POSTED, FILLING)) {
        atomic_fetch_sub(&s_outstanding, 1);
        release(slot, self->post);
    } else if (!move(slot, self->post, TAKEN, ABANDONED) && move(slot, self->post, DONE, FILLING)) {
        release(slot, self->post);
    }
}

/* A suspension of the runtime keeps the heartbeat thread from returning into managed code, and then waits for this very
 * thread. Only slices passed here count: while we ourselves were stopped or starved nobody waited for us. */
static int is_stalled(struct kt_thread *self, int64_t passed_ms)
{
    int64_t called = atomic_load(&s_called_ms);
    if (called == 0 || called != self->called_ms) {
        self->called_ms = called;
        self->stalled_ms = 0;
        return 0;
    }
    self->stalled_ms += passed_ms < SLICE_COUNTS_MS ? passed_ms : SLICE_COUNTS_MS;
    return self->stalled_ms >= kt_settings.stall_ms;
}

/* Hundreds of threads that all look every millisecond would leave no time to those who serve them. */
static int64_t slice_ns(const struct kt_thread *self, uint32_t way, int64_t now)
{
    int64_t waited = now - self->began_ms;
    int64_t longest = way == KT_MANAGED ? MANAGED_SLICE_MS : NATIVE_SLICE_MS;
    int64_t slice = waited < SHORT_SLICES_MS ? KT_SLICE_MS : waited / 2;
    return (slice < longest ? slice : longest) * 1000000;
}

static enum kt_answer end_touch(struct kt_thread *self, struct kt_fault *fault, int32_t outcome)
{
    kt_abandon(self);
    fault->outcome = outcome;
    return KT_ANSWERED;
}

enum kt_answer kt_post_and_wait_slice(struct kt_thread *self, struct kt_fault *fault)
{
    int64_t now = kt_now_ms();
    begin_touch(self, fault, now);
    int64_t slice = slice_ns(self, fault->way, now);
    uint32_t frees = atomic_load(&s_frees);
    struct slot *slot = posted_before(self);
    if (!slot)
        slot = post(self, fault, now);

    if (slot) {
        uint32_t word = atomic_load(&slot->word);
        if (STATE(word) != DONE)
            kt_wait(&slot->word, word, slice);
        if (atomic_load(&slot->word) == WORD(self->post, DONE)) {
            int32_t outcome = slot->fault.outcome;
            if (atomic_load(&slot->word) == WORD(self->post, DONE))
                return end_touch(self, fault, outcome);
        }
    } else {
        kt_count(self, &kt_counters(self)->overflows);
        atomic_store(&s_overflow_ms, now);
        kt_wake(&s_outstanding, 1);
        kt_wait(&s_frees, frees, slice);
    }

    kt_count(self, &kt_counters(self)->retries);
    int64_t passed = kt_now_ms() - self->slice_ms;
    self->slice_ms += passed;
    if (self->slice_ms - self->began_ms > kt_settings.deadline_ms)
        return end_touch(self, fault, kt_settings.deadline_status);
    return is_stalled(self, passed) ? KT_STALLED : KT_WAITING;
}

/* For a thread that can be suspended where it waits: no slices to hand back. */
int32_t kt_post_and_wait(struct kt_thread *self, struct kt_fault *fault)
{
    while (kt_post_and_wait_slice(self, fault) != KT_ANSWERED)
        ;
    return fault->outcome;
}

static struct slot *take(void)
{
    /* Each search begins elsewhere, so that no slot is always the last to be seen; and ends where it began, whoever
     * searches at the same time: a fault that it missed would wait for the next one to be posted. */
    static _Atomic uint32_t s_start;
    uint32_t start = atomic_load(&s_start);
    for (uint32_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &s_slots[(start + i) % SLOTS];
        uint32_t word = atomic_load(&slot->word);
        if (STATE(word) == POSTED && move(slot, POST(word), POSTED, TAKEN)) {
            atomic_store(&s_start, (uint32_t)(slot - s_slots) + 1);
            return slot;
        }
    }
    return 0;
}

struct kt_fault *kt_pager_take(int32_t timeout_ms)
{
    int64_t until = kt_now_ms() + timeout_ms;
    for (;;) {
        uint32_t posts = atomic_load(&s_posts);
        struct slot *slot = take();
        if (slot) {
            slot->fault.serving = &kt_self()->serving;
            return &slot->fault;
        }
        int64_t left = until - kt_now_ms();
        if (left <= 0)
            return 0;
        kt_wait(&s_posts, posts, left * 1000000);
    }
}

void kt_pager_finish(struct kt_fault *fault, int32_t outcome)
{
    struct slot *slot = (struct slot *)((char *)fault - __builtin_offsetof(struct slot, fault));
    uint32_t post = POST(atomic_load(&slot->word));
    fault->outcome = outcome;
    slot->done_ms = kt_now_ms();
    atomic_fetch_sub(&s_outstanding, 1);
    if (move(slot, post, TAKEN, DONE))
        kt_wake(&slot->word, 1);
    else
        release(slot, post);                /* abandoned meanwhile */
}

int32_t kt_pager_backlog(void)
{
    int32_t posted = 0;
    for (int i = 0; i < SLOTS; i++)
        posted += STATE(atomic_load(&s_slots[i].word)) == POSTED;
    return posted;
}

static int is_anybody_waiting(void)
{
    return atomic_load(&s_outstanding) != 0 || kt_now_ms() - atomic_load(&s_overflow_ms) < LEFT_BEHIND_MS;
}

/* Stamped from the end of a nap to the beginning of the next wait: whatever stops the thread on its way through managed
 * code, or at the door back into it, leaves the stamp standing. The nap is not part of it: a heartbeat that merely was
 * not scheduled is in its nap, not late. */
void kt_heartbeat_wait(void)
{
    atomic_store(&s_called_ms, 0);
    while (!is_anybody_waiting())
        kt_wait(&s_outstanding, 0, 1000000000);
    static _Atomic uint32_t s_nap;          /* nobody wakes it */
    kt_wait(&s_nap, 0, HEARTBEAT_NS);
    atomic_store(&s_called_ms, kt_now_ms());
}
