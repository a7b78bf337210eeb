/* SPDX-License-Identifier: MIT */
/*
 * The sampler for hosts that allow perf events but no BPF: the kernel copies registers, its own
 * stack and a piece of the thread's into a ring and wakes the taker, which reads the Lua stack from
 * the thread's memory at once. The thread is not stopped. Where it ran on in the meantime, as its
 * own CPU clock tells, the sample is marked.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <linux/types.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/array.h"
#include "instruments/cpu/user_sampler.h"
#include "instruments/event.h"
#include "instruments/granted.h"

#define RING_MOST (256u << 10)
#define RING_LEAST (32u << 10)
#define RECORD_MAX 65536
#define NS_PER_S 1000000000ULL
/* The time a thread spends in the interrupt that samples it, until the taker has its place. */
#define LEAVING_NS 200000

struct taker {
	struct sampler *sampler;
	struct pollfd *fds;
	size_t capacity;
	int cpu;		     /* that it keeps to; -1: none yet */
	int fd;			     /* of the event whose sample is taken */
	uint64_t clock_ns, began_ns; /* the thread's own clock: at its sample, before the walk */
	uint64_t record[RECORD_MAX / 8];
};

struct cursor {
	const uint64_t *at, *end;
};

static uint64_t next(struct cursor *c)
{
	return c->at < c->end ? *c->at++ : 0;
}

static void set_registers(struct user_regs *to, const uint64_t *r)
{
#if defined(__x86_64__)
	*to = (struct user_regs){.ax = r[0],
				 .bx = r[1],
				 .cx = r[2],
				 .dx = r[3],
				 .si = r[4],
				 .di = r[5],
				 .bp = r[6],
				 .sp = r[7],
				 .ip = r[8],
				 .flags = r[9],
				 .cs = r[10],
				 .ss = r[11],
				 .r8 = r[12],
				 .r9 = r[13],
				 .r10 = r[14],
				 .r11 = r[15],
				 .r12 = r[16],
				 .r13 = r[17],
				 .r14 = r[18],
				 .r15 = r[19]};
#else
	memcpy(to->regs, r, sizeof(to->regs));
	to->sp = r[31];
	to->pc = r[32];
	to->pstate = 0;
#endif
}

/* A user without privilege may lock little memory: the ring is what there is. */
static int attach(const struct threads *t, struct thread_event *out)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = RING_MOST;
	int error;

	out->fd =
		granted_event(t->only_user ? EVENT_RING_USER : EVENT_RING, out->tid, t->period_ns);
	if (out->fd < 0)
		return out->fd;
	do {
		out->ring_size = page + size;
		out->ring =
			mmap(NULL, out->ring_size, PROT_READ | PROT_WRITE, MAP_SHARED, out->fd, 0);
		size /= 2;
	} while (out->ring == MAP_FAILED && size >= RING_LEAST);
	if (out->ring != MAP_FAILED && !ioctl(out->fd, PERF_EVENT_IOC_ENABLE, 0))
		return 0;
	error = errno;
	if (out->ring != MAP_FAILED)
		munmap(out->ring, out->ring_size);
	close(out->fd);
	return -error;
}

/*
 * On the CPU that the thread was on: there the taker takes the thread's place for as long as it
 * reads.
 */
static void keep_to(struct taker *t, int cpu)
{
	cpu_set_t set;

	if (t->cpu == cpu || cpu >= CPU_SETSIZE)
		return;
	t->cpu = cpu;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static uint64_t clock_of(const struct taker *t)
{
	uint64_t ns;

	return read(t->fd, &ns, sizeof(ns)) == (ssize_t)sizeof(ns) ? ns : UINT64_MAX;
}

/* Did the thread stand where it was sampled from then on, and all the while that it was read? */
static void finish(struct sampler *s, struct sample *sample)
{
	const struct taker *t = s->own;

	if (t->began_ns - t->clock_ns <= LEAVING_NS && clock_of(t) == t->began_ns)
		return;
	sample->flags |= SAMPLE_TORN;
	sample->flags &= (__u16)~SAMPLE_LEAF_SURE;
}

/* The kernel's addresses of a call chain; markers say whose addresses follow. */
static size_t kernel_part(const uint64_t *chain, size_t count, uint64_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < count && n < SAMPLE_KERNEL; i++) {
		if (chain[i] == (uint64_t)PERF_CONTEXT_USER)
			break;
		if (chain[i] < (uint64_t)PERF_CONTEXT_MAX && (int64_t)chain[i] < 0)
			out[n++] = chain[i];
	}
	return n;
}

static void take_sample(struct taker *t, const struct perf_event_header *h)
{
	struct cursor c = {(const uint64_t *)(h + 1),
			   (const uint64_t *)((const char *)h + h->size)};
	uint64_t who = next(&c), cpu = next(&c), count, size, kernel[SAMPLE_KERNEL];
	struct thread_image image = {.pid = (pid_t)(uint32_t)who, .tid = (pid_t)(who >> 32)};
	uint64_t registers[EVENT_REGISTERS];

	t->clock_ns = next(&c);
	count = next(&c);
	if (count > (size_t)(c.end - c.at))
		return;
	image.kernel = kernel;
	image.kernel_count = kernel_part(c.at, count, kernel);
	image.in_kernel = (h->misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_KERNEL;
	c.at += count;
	if (next(&c) != PERF_SAMPLE_REGS_ABI_64)
		return;
	for (size_t i = 0; i < EVENT_REGISTERS; i++)
		registers[i] = next(&c);
	set_registers(&image.regs, registers);
	size = next(&c);
	image.stack = (const uint8_t *)c.at;
	if (size && size / 8 < (size_t)(c.end - c.at)) {
		c.at += size / 8;
		image.stack_size = next(&c);
		if (image.stack_size > size)
			image.stack_size = 0;
	}
	keep_to(t, (int)(uint32_t)cpu);
	t->began_ns = clock_of(t);
	user_walker_take(&image);
}

static void copy_out(void *to, const uint8_t *ring, size_t size, uint64_t at, size_t bytes)
{
	size_t from = at & (size - 1), first = bytes < size - from ? bytes : size - from;

	memcpy(to, ring + from, first);
	memcpy((uint8_t *)to + first, ring, bytes - first);
}

static void take_record(struct taker *t, const struct perf_event_header *h)
{
	const uint64_t *body = (const uint64_t *)(h + 1);

	if (h->type == PERF_RECORD_SAMPLE)
		take_sample(t, h);
	else if (h->type == PERF_RECORD_LOST && h->size >= sizeof(*h) + 16)
		atomic_fetch_add(&t->sampler->lost, body[1]);
	else if (h->type == PERF_RECORD_THROTTLE)
		atomic_fetch_add(&t->sampler->lost, 1);
}

static void drain(struct taker *t, const struct thread_event *event)
{
	struct perf_event_mmap_page *page = event->ring;
	size_t head_size = (size_t)sysconf(_SC_PAGESIZE), size = event->ring_size - head_size;
	const uint8_t *ring = (const uint8_t *)event->ring + head_size;
	struct perf_event_header *h = (struct perf_event_header *)t->record;
	uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE), at = page->data_tail;

	t->fd = event->fd;
	while (at < head) {
		copy_out(h, ring, size, at, sizeof(*h));
		if (h->size < sizeof(*h) || h->size > head - at)
			break;
		copy_out(h, ring, size, at, h->size);
		at += h->size;
		/* Room is made before the walk, so that the next sample does not wait for it. */
		__atomic_store_n(&page->data_tail, at, __ATOMIC_RELEASE);
		take_record(t, h);
	}
	if (at != head)
		__atomic_store_n(&page->data_tail, head, __ATOMIC_RELEASE);
}

/* Gathers what to wait for. Returns how many, or 0 when memory is short. */
static size_t gather(struct taker *t)
{
	struct sampler *s = t->sampler;
	size_t need = s->threads.count + 1;

	if (!array_reserve(t->fds, t->capacity, need, 16))
		return 0;
	t->fds[0] = (struct pollfd){.fd = s->wake, .events = POLLIN};
	for (size_t i = 0; i < s->threads.count; i++)
		t->fds[i + 1] = (struct pollfd){.fd = s->threads.items[i].fd, .events = POLLIN};
	return need;
}

static void *run(void *context)
{
	struct sampler *s = context;
	struct taker *t = calloc(1, sizeof(*t));
	uint64_t woken;
	size_t count = 1;

	if (!t)
		return NULL;
	t->sampler = s;
	t->cpu = -1;
	granted_hurry();
	pthread_mutex_lock(&s->lock);
	s->own = t;
	s->finish = finish;
	count = gather(t);
	while (count && !atomic_load(&s->ending)) {
		pthread_mutex_unlock(&s->lock);
		poll(t->fds, count, -1);
		pthread_mutex_lock(&s->lock);
		if (read(s->wake, &woken, sizeof(woken)) > 0)
			count = gather(t);
		for (size_t i = 0; i < s->threads.count; i++)
			drain(t, &s->threads.items[i]);
		/* An event whose thread has ended is ready for ever: it is left out. */
		for (size_t i = 1; i < count; i++)
			if (t->fds[i].revents & (POLLHUP | POLLERR | POLLNVAL))
				t->fds[i].fd = -1;
	}
	pthread_mutex_unlock(&s->lock);
	free(t->fds);
	free(t);
	return NULL;
}

static bool perf_available(void)
{
	return event_allowed(true);
}

static struct sampler *perf_open(uint32_t rate_hz, struct failure *error)
{
	bool only_user = !event_allowed(false);
	struct sampler *s = user_sampler_open(rate_hz, attach, run, error);

	if (s)
		s->threads.only_user = only_user;
	return s;
}

static const char *perf_caveat(void)
{
	if (event_allowed(false))
		return "Samples come through perf events: each copies 16 KiB of the worker's stack "
		       "and wakes the probe, some 0.1 ms of CPU. The Lua stack is read a moment "
		       "later; where the worker ran on meanwhile, frames are marked approximate.";
	return "Samples come through perf events: each copies 16 KiB of the worker's stack and "
	       "wakes the probe, some 0.1 ms of CPU. Time in the kernel is not seen at all. The "
	       "Lua stack is read a moment later; where the worker ran on meanwhile, frames are "
	       "marked approximate.";
}

static bool perf_sees_all(const struct sampler *s)
{
	return !s->threads.only_user;
}

static void perf_follow(struct sampler *s, pid_t pid)
{
	user_sampler_follow(s, pid);
	pthread_mutex_lock(&s->lock);
	threads_jitter(&s->threads, pid);
	pthread_mutex_unlock(&s->lock);
}

static int perf_set_rate(struct sampler *s, uint32_t rate_hz)
{
	int result;

	pthread_mutex_lock(&s->lock);
	result = threads_set_period(&s->threads, NS_PER_S / rate_hz);
	pthread_mutex_unlock(&s->lock);
	return result;
}

const struct sampler_ops perf_ring_sampler_ops = {
	.kind = SAMPLER_PERF_RING,
	.caveat = perf_caveat,
	.most_hz = 4999,
	.available = perf_available,
	.open = perf_open,
	.close = user_sampler_close,
	.add = user_sampler_add,
	.remove = user_sampler_remove,
	.describe = user_sampler_describe,
	.follow = perf_follow,
	.sees_all = perf_sees_all,
	.poll = user_sampler_poll,
	.set_rate = perf_set_rate,
	.count = user_sampler_count,
};
