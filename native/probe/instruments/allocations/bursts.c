/* SPDX-License-Identifier: MIT */
#include "instruments/allocations/bursts.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "host/failure.h"
#include "host/memory.h"
#include "host/usage.h"
#include "instruments/burst_thread.h"
#include "instruments/granted.h"
#include "instruments/walk_share.h"
#include "unwind/missing.h"

#define SHORTEST_PAUSE_US 100
/* A process may come to rest before it makes the calls that are waited for. */
#define LONGEST_PAUSE_NS 20000000ULL
#define CALLS_ENOUGH 200

struct bursts {
	struct walker_maps maps;
	bool loaded;
	struct ring_buffer *ring;
	struct allocation_watch *watch; /* the program's */
	enum trap_kind trap;
	uint64_t trap_ns[2]; /* by enum trap_step */
	struct missing *missing;
	struct burst_thread thread;
	struct burst burst; /* the thread's while it works */
	bursts_take take;
	void *context;
	uint64_t malformed_bytes;
	uint64_t taking_ns; /* that it took to take the samples of the burst so far */
};

static void pause_us(uint32_t us)
{
	const struct timespec time = {us / 1000000, us % 1000000 * 1000};

	nanosleep(&time, NULL);
}

static uint64_t read_counter(const struct burst *r)
{
	const struct memory memory = {r->pid};
	uint64_t value;

	return r->watch.counter && memory_u64(&memory, r->watch.counter, &value) ? value : 0;
}

static uint32_t state_now(const struct bursts *b)
{
	return __atomic_load_n(&b->watch->state, __ATOMIC_ACQUIRE);
}

static bool counts(uint32_t state)
{
	return state == ALLOCATION_COUNTS || state == ALLOCATION_ENDS;
}

static bool waits(uint32_t state)
{
	return state == ALLOCATION_WAITS || state == ALLOCATION_BEGINS;
}

/*
 * While the program is in such a state, or until the clock says so. How long it takes at least is
 * known, since each call takes its time: nobody looks any sooner.
 */
static void wait_while(const struct bursts *b, bool (*is)(uint32_t), uint64_t calls,
		       uint64_t until_ns)
{
	uint64_t now = clock_monotonic_ns(), left_ns, done;

	while (is(state_now(b)) && now < until_ns) {
		done = b->watch->calls;
		left_ns = done < calls ? (calls - done) * b->burst.watch.trap_ns / 2 : 0;
		if (left_ns > until_ns - now)
			left_ns = until_ns - now;
		if (left_ns > LONGEST_PAUSE_NS)
			left_ns = LONGEST_PAUSE_NS;
		pause_us(left_ns / 1000 > SHORTEST_PAUSE_US ? (uint32_t)(left_ns / 1000)
							    : SHORTEST_PAUSE_US);
		now = clock_monotonic_ns();
	}
}

/* The same where it is measured in time: the end moves away with each call. */
static void wait_until_over(const struct bursts *b, uint64_t latest_ns)
{
	uint64_t now = clock_monotonic_ns(),
		 until = __atomic_load_n(&b->watch->until, __ATOMIC_RELAXED);

	while (counts(state_now(b)) && now < until && now < latest_ns) {
		until = until < latest_ns ? until : latest_ns;
		pause_us((uint32_t)((until - now) / 1000) + SHORTEST_PAUSE_US / 2);
		now = clock_monotonic_ns();
		until = __atomic_load_n(&b->watch->until, __ATOMIC_RELAXED);
	}
}

static void count_from_now(struct bursts *b)
{
	struct allocation_watch *w = b->watch;

	w->counter_first = read_counter(&b->burst);
	w->began_ns = clock_monotonic_ns();
	__atomic_store_n(&w->state, ALLOCATION_COUNTS, __ATOMIC_RELEASE);
}

static void watch(struct bursts *b, struct burst *r)
{
	struct allocation_watch *w = b->watch;
	uint64_t began = clock_monotonic_ns(), latest = began + BURST_LONGEST_US * 1000ULL, cpu_ns;

	if (r->length_us) {
		w->until = began + r->length_us * 1000ULL;
		count_from_now(b);
	} else {
		__atomic_store_n(&w->state, ALLOCATION_WAITS, __ATOMIC_RELEASE);
		wait_while(b, waits, w->wait, began + BURST_WAIT_US * 1000ULL);
		/* Few calls: where it begins is by chance without waiting for them. */
		if (waits(state_now(b)) && w->calls < w->wait)
			count_from_now(b);
		wait_while(b, waits, w->wait + w->most, latest);
	}
	cpu_ns = clock_process_ns(r->pid);
	if (r->length_us)
		wait_until_over(b, latest);
	else
		wait_while(b, counts, w->wait + w->most, latest);
	r->cut = state_now(b) == ALLOCATION_ENDS || w->calls > w->limit;
	if (state_now(b) != ALLOCATION_OVER) {
		__atomic_store_n(&w->state, ALLOCATION_OVER, __ATOMIC_RELEASE);
		w->counter_last = w->began_ns ? read_counter(r) : w->counter_first;
		w->over_ns = clock_monotonic_ns();
	}
	r->watched_ns = w->began_ns ? w->over_ns - w->began_ns : 0;
	r->cpu_ns = clock_process_ns(r->pid) - cpu_ns;
}

/*
 * The cost tried out on the probe differs from that in the process: by the other uses of its CPU,
 * for one. The time between calls there is better, unless the process does much between them.
 */
static uint64_t trap_ns(const struct bursts *b, const struct allocation_watch *w)
{
	uint64_t tried = b->trap_ns[b->burst.step], most = tried * 3 / 2, least = tried / 2;

	if (w->seen < CALLS_ENOUGH)
		return tried;
	return w->call_ns > most ? most : w->call_ns < least ? least : w->call_ns;
}

/*
 * Calls that nobody counts while an event is closed are taken to be as many as before. A link takes
 * out its uprobe at once, and is waited for afterwards.
 */
static uint64_t unseen_ns(const struct bursts *b, const struct burst *r, uint64_t closing_ns)
{
	double calls = r->watched_ns ? (double)r->watch.seen / (double)r->watched_ns : 0;

	if (b->trap == TRAP_LINK)
		return 0;
	return (uint64_t)(calls * (double)closing_ns) * r->trap_ns;
}

static void run(void *context)
{
	struct bursts *b = context;
	struct burst *r = &b->burst;
	uint64_t cpu_ns = clock_thread_cpu_ns(), closing_ns;
	int events[BURST_SITES];
	size_t i, n = 0;

	r->watched_ns = r->cpu_ns = 0;
	r->error = 0;
	r->cut = false;
	if (!r->watch.trap_ns)
		r->watch.trap_ns = b->trap_ns[r->step];
	*b->watch = (struct allocation_watch){.mean_shift = r->watch.mean_shift,
					      .gap = r->watch.gap,
					      .passed = r->watch.passed,
					      .wait = r->watch.wait,
					      .most = r->watch.most,
					      .whole = r->watch.whole,
					      .limit = r->watch.limit,
					      .call_ns = b->trap_ns[r->step],
					      .trap_ns = r->watch.trap_ns,
					      .counter = r->watch.counter};
	pause_us(r->delay_us);
	for (; n < r->site_count && !r->error; n++) {
		events[n] = granted_trap(TRAP_ALLOCATION, b->trap, r->pid, r->sites[n].fd,
					 r->sites[n].offset);
		if (events[n] < 0) {
			r->error = events[n];
			break;
		}
	}
	if (!r->error)
		watch(b, r);
	closing_ns = clock_monotonic_ns();
	for (i = 0; i < n; i++)
		close(events[i]);
	closing_ns = clock_monotonic_ns() - closing_ns;
	r->watch = *b->watch;
	r->trap_ns = trap_ns(b, &r->watch);
	r->target_ns = r->watch.calls * r->trap_ns + r->watch.walk_ns + unseen_ns(b, r, closing_ns);
	r->cost_ns = r->target_ns + clock_thread_cpu_ns() - cpu_ns;
}

static int receive(void *context, void *data, size_t size)
{
	struct bursts *b = context;
	struct taken_sample taken;
	const struct sample *head;

	if (!taken_sample_of(data, size, &taken)) {
		b->malformed_bytes +=
			size < sizeof(*head) ? 0 : ((const struct sample *)data)->value;
		return 0;
	}
	head = taken.head;
	if (head->native && unwind_lacks_tables(head->native_state))
		missing_note(b->missing, (pid_t)head->pid, taken.native[head->native - 1]);
	b->take(b->context, &taken, head->value);
	return 0;
}

static int map_watch(struct bursts *b)
{
	void *at = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED,
			b->maps.control, 0);

	if (at == MAP_FAILED)
		return -errno;
	b->watch = at;
	return 0;
}

static void explain(struct failure *error, int code, const char *step)
{
	error->kind = code == EPERM || code == EACCES ? FAILURE_PRIVILEGE : FAILURE_NO_SAMPLER;
	error->detail = NULL;
	snprintf(error->text, sizeof(error->text),
		 "The kernel does not let the probe watch allocations (%s: %s). That needs BPF, "
		 "uprobes (CONFIG_UPROBE_EVENTS), CAP_PERFMON, and a kernel that is not locked "
		 "down. The CPU profile goes on without it.",
		 step, strerror(code));
}

static void unload(struct bursts *b)
{
	ring_buffer__free(b->ring);
	if (b->watch)
		munmap(b->watch, (size_t)sysconf(_SC_PAGESIZE));
	if (b->loaded)
		granted_unload(WALKER_WATCHES, &b->maps);
	b->loaded = false;
	b->ring = NULL;
	b->watch = NULL;
}

/* 0, or -1 with `error` and nothing to unload. */
static int load(struct bursts *b, enum trap_kind trap, struct failure *error)
{
	const char *step = "ring buffer";
	int result;

	b->trap = trap;
	if (granted_load(WALKER_WATCHES, trap, &b->maps, error))
		return -1;
	b->loaded = true;
	b->ring = ring_buffer__new(b->maps.samples, receive, b, NULL);
	result = b->ring ? map_watch(b) : -errno;
	if (!result) {
		step = "uprobe";
		result = trap_measure(TRAP_ALLOCATION, trap, TRAP_STEPPED,
				      &b->trap_ns[TRAP_STEPPED]);
	}
	if (!result)
		result = trap_measure(TRAP_ALLOCATION, trap, TRAP_EMULATED,
				      &b->trap_ns[TRAP_EMULATED]);
	if (!result)
		return 0;
	explain(error, -result, step);
	unload(b);
	return -1;
}

struct bursts *bursts_open(const struct walk_share *share, struct failure *error)
{
	struct bursts *b = calloc(1, sizeof(*b));
	int result;

	if (!b) {
		explain(error, ENOMEM, "memory");
		return NULL;
	}
	b->missing = share->missing;
	if (load(b, TRAP_LINK, error)) {
		free(error->detail);
		if (load(b, TRAP_EVENT, error))
			goto fail;
	}
	result = burst_thread_start(&b->thread, run, b);
	if (!result)
		return b;
	explain(error, -result, "thread");
fail:
	bursts_close(b);
	return NULL;
}

void bursts_close(struct bursts *b)
{
	if (!b)
		return;
	burst_thread_stop(&b->thread);
	unload(b);
	free(b);
}

uint64_t bursts_trap_ns(const struct bursts *b, enum trap_step step)
{
	return b->trap_ns[step];
}

bool bursts_running(struct bursts *b)
{
	return burst_thread_busy(&b->thread);
}

bool bursts_over(struct bursts *b)
{
	return burst_thread_over(&b->thread);
}

void bursts_finish(struct bursts *b)
{
	burst_thread_wait(&b->thread);
}

void bursts_begin(struct bursts *b, const struct burst *burst)
{
	b->burst = *burst;
	burst_thread_begin(&b->thread);
}

bool bursts_end(struct bursts *b, bursts_take take, void *context, struct burst *out)
{
	uint64_t cpu_ns = clock_thread_cpu_ns();
	bool over = bursts_over(b);

	b->take = take;
	b->context = context;
	ring_buffer__consume(b->ring);
	b->taking_ns += clock_thread_cpu_ns() - cpu_ns;
	if (!over)
		return false;
	*out = b->burst;
	out->watch.lost_bytes += b->malformed_bytes;
	out->cost_ns += b->taking_ns;
	b->malformed_bytes = b->taking_ns = 0;
	burst_thread_take(&b->thread);
	return true;
}
