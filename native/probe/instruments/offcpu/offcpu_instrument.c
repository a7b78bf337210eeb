/* SPDX-License-Identifier: MIT */
#include "instruments/offcpu/offcpu_instrument.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/array.h"
#include "host/usage.h"
#include "instruments/granted.h"
#include "instruments/named_places.h"
#include "instruments/offcpu/offcpu.h"
#include "instruments/offcpu/reasons.h"

#define MILLISECOND 1000000ULL
#define SECOND 1000000000ULL

enum {
	TICK_MS = 100,
	/* A thread that is away for longer is reported while it still is. */
	TELL_AFTER_MS = 1000,
	FIRST_QUANTUM_NS = 200000,
	LEAST_QUANTUM_NS = 20000,
	MOST_QUANTUM_NS = 20000000,
	SOURCES_MAX = 1024,
};

static const struct series offcpu = {
	.name = "offcpu",
	.instrument = "offcpu",
	.unit = "us",
	.shape = SERIES_STACKS,
	.estimated = true,
};

static const struct series reasons = {
	.name = "offcpu.reasons",
	.instrument = "offcpu",
	.unit = "us",
	.shape = SERIES_TABLES,
	.buckets = true,
	.key_count = 1,
	.keys = {{"reason", false}},
};

/* Of each process: its main thread, which is all that is watched. */
struct source {
	pid_t pid;
	/* Its last sample: where it is away from, and how much of that is in rows already. */
	uint64_t since, told;
	struct model_place place;
	bool away;
	/* Parts of a microsecond that are in no row yet, in ns. */
	uint64_t rest, reason_rest;
};

struct instrument {
	const struct traced *traced;
	struct walker_maps maps;
	bool loaded;
	int program;
	struct ring_buffer *ring;
	struct offcpu_control *control;
	struct sampler_counts *cpus;
	int cpu_count;
	struct source *sources;
	size_t count, capacity;
	struct named_places named;
	struct instrument_state stats;
	uint64_t own_ns, run_ns; /* CPU time, the probe's and the program's */
	uint32_t lost_seen;
	uint64_t ticked_ns, adjusted_ns, adjusted_cost_ns;
};

static struct source *source_of(const struct instrument *i, uint32_t pid)
{
	for (size_t k = 0; k < i->count; k++)
		if (i->sources[k].pid == (pid_t)pid)
			return &i->sources[k];
	return NULL;
}

/* Whole microseconds; what is left over waits for the next time. */
static uint64_t take_us(uint64_t *rest, uint64_t ns)
{
	uint64_t us;

	*rest += ns;
	us = *rest / 1000;
	*rest %= 1000;
	return us;
}

static void take_sample(struct instrument *i, const struct taken_sample *sample)
{
	struct source *source = source_of(i, sample->head->pid);
	struct process *p = traced_process(i->traced, (pid_t)sample->head->pid);

	if (!source || !p)
		return;
	source->place = named_place_of(&i->named, i->traced, p, sample);
	source->since = source->told = sample->head->value;
	source->away = true;
}

static void add_time(struct instrument *i, struct source *source, uint64_t ns, uint32_t count)
{
	uint64_t us = take_us(&source->rest, ns);

	if (!us && !count)
		return;
	if (!model_add(i->traced->model, &offcpu, &source->place, count, us))
		i->stats.lost_value += us;
}

static void add_reason(struct instrument *i, struct source *source, const struct offcpu_event *e)
{
	uint64_t us = take_us(&source->reason_rest, e->until - e->since);
	char text[32];
	const char *reason = offcpu_reason(e->call, e->state, text);
	uint32_t key = model_string(i->traced->model, reason, strlen(reason));

	i->stats.events++;
	i->stats.value += us;
	if (!model_add_table(i->traced->model, &reasons, (pid_t)e->pid, &key, 1, us))
		i->stats.lost_events++;
}

static void take_event(struct instrument *i, const struct offcpu_event *e)
{
	struct source *source = source_of(i, e->pid);

	if (!source || e->until < e->since || e->shift > OFFCPU_MOST_SHIFT) {
		i->stats.lost_events++;
		return;
	}
	add_reason(i, source, e);
	if (source->away && source->since == e->since)
		add_time(i, source, (e->until - source->told) << e->shift, 1);
	else if (e->taken)
		i->stats.lost_value += ((e->until - e->since) << e->shift) / 1000;
	source->away = false;
}

static int receive(void *context, void *data, size_t size)
{
	struct taken_sample taken;

	if (size < sizeof(struct sample) && size >= sizeof(struct offcpu_event))
		take_event(context, data);
	else if (taken_sample_of(data, size, &taken))
		take_sample(context, &taken);
	return 0;
}

static void explain(struct failure *error, int code, const char *step)
{
	error->kind = code == EPERM || code == EACCES ? FAILURE_PRIVILEGE : FAILURE_NO_SAMPLER;
	error->detail = NULL;
	snprintf(error->text, sizeof(error->text),
		 "The kernel does not let the probe watch threads wait (%s: %s). That needs BPF, "
		 "CAP_PERFMON and a kernel that is not locked down. The CPU profile goes on "
		 "without it.",
		 step, strerror(code));
}

static void close_offcpu(struct instrument *i)
{
	if (!i)
		return;
	if (i->program >= 0)
		close(i->program);
	ring_buffer__free(i->ring);
	if (i->control)
		munmap(i->control, (size_t)sysconf(_SC_PAGESIZE));
	if (i->loaded)
		granted_unload(WALKER_SWITCHES, &i->maps);
	named_places_free(&i->named);
	free(i->cpus);
	free(i->sources);
	free(i);
}

static int attach(struct instrument *i, const char **step)
{
	void *control;

	*step = "memory";
	i->cpu_count = libbpf_num_possible_cpus();
	i->cpus = i->cpu_count > 0 ? calloc((size_t)i->cpu_count, sizeof(*i->cpus)) : NULL;
	if (!i->cpus)
		return -ENOMEM;
	*step = "ring buffer";
	i->ring = ring_buffer__new(i->maps.samples, receive, i, NULL);
	if (!i->ring)
		return -errno;
	control = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED,
		       i->maps.control, 0);
	if (control == MAP_FAILED)
		return -errno;
	i->control = control;
	i->control->quantum = FIRST_QUANTUM_NS;
	*step = "sched_switch";
	i->program = granted_switches(WALKER_SWITCHES);
	return i->program < 0 ? i->program : 0;
}

static struct instrument *open_offcpu(const struct traced *traced, struct failure *error)
{
	struct instrument *i = calloc(1, sizeof(*i));
	const char *step = "memory";
	int result;

	if (!i) {
		failure_no_memory(error);
		return NULL;
	}
	i->traced = traced;
	i->program = -1;
	named_places_init(&i->named);
	if (!traced->share) {
		instrument_needs_bpf(error, "Blocked threads", "BPF");
		goto fail;
	}
	if (granted_load(WALKER_SWITCHES, TRAP_EVENT, &i->maps, error))
		goto fail;
	i->loaded = true;
	result = attach(i, &step);
	if (!result)
		return i;
	explain(error, -result, step);
fail:
	close_offcpu(i);
	return NULL;
}

static void add(struct instrument *i, struct process *p)
{
	if (i->count == SOURCES_MAX || source_of(i, (uint32_t)p->pid) ||
	    !array_reserve(i->sources, i->capacity, i->count + 1, 8))
		return;
	i->sources[i->count++] = (struct source){.pid = p->pid};
}

/* Whoever's return was lost may be back: nobody is known to be away any more. */
static void take_lost(struct instrument *i)
{
	uint32_t lost = __atomic_load_n(&i->control->lost, __ATOMIC_RELAXED);

	if (lost == i->lost_seen)
		return;
	i->stats.lost_events += lost - i->lost_seen;
	i->lost_seen = lost;
	for (size_t k = 0; k < i->count; k++)
		i->sources[k].away = false;
}

static void drain(struct instrument *i)
{
	named_places_drain(&i->named);
	ring_buffer__consume(i->ring);
	take_lost(i);
}

static void leave(struct instrument *i, struct process *p)
{
	struct source *source;

	drain(i);
	source = source_of(i, (uint32_t)p->pid);
	if (source)
		*source = i->sources[--i->count];
}

/* So that a thread that does not come back for long is seen, and its time with it. */
static void tell_of_those_away(struct instrument *i, uint64_t now_ns, uint64_t after_ns)
{
	for (size_t k = 0; k < i->count; k++) {
		struct source *source = &i->sources[k];

		if (!source->away || now_ns < source->told + after_ns)
			continue;
		add_time(i, source, now_ns - source->told, 0);
		source->told = now_ns;
	}
}

static void sum_up(struct instrument *i)
{
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(i->maps.counts, &zero, i->cpus))
		return;
	i->run_ns = 0;
	for (int k = 0; k < i->cpu_count; k++)
		i->run_ns += i->cpus[k].run_ns;
	i->stats.target_ns = i->run_ns;
	i->stats.cost_ns = i->run_ns + i->own_ns;
}

/* Fewer of the short times are sampled where they cost more than they may. */
static void keep_budget(struct instrument *i, uint64_t now_ns)
{
	double cost, may_cost;
	uint32_t quantum = i->control->quantum;

	if (!i->adjusted_ns || now_ns - i->adjusted_ns < SECOND / 4) {
		if (!i->adjusted_ns)
			i->adjusted_ns = now_ns;
		return;
	}
	cost = (double)(i->stats.cost_ns - i->adjusted_cost_ns);
	may_cost = (double)(now_ns - i->adjusted_ns) * (double)i->traced->percent / 100 *
		   (double)(i->traced->count ? i->traced->count : 1);
	if (cost > may_cost && quantum < MOST_QUANTUM_NS)
		quantum *= 2;
	else if (cost < may_cost / 3 && quantum > LEAST_QUANTUM_NS)
		quantum /= 2;
	__atomic_store_n(&i->control->quantum, quantum, __ATOMIC_RELAXED);
	i->adjusted_ns = now_ns;
	i->adjusted_cost_ns = i->stats.cost_ns;
}

static uint64_t tick(struct instrument *i, uint64_t now_ns)
{
	uint64_t cpu_ns = clock_thread_cpu_ns(), watched;

	if (i->ticked_ns) {
		watched = (now_ns - i->ticked_ns) / 1000 * i->traced->count;
		i->stats.elapsed_us += watched;
		i->stats.watched_us += watched;
	}
	i->ticked_ns = now_ns;
	drain(i);
	tell_of_those_away(i, now_ns, TELL_AFTER_MS * MILLISECOND);
	sum_up(i);
	i->own_ns += clock_thread_cpu_ns() - cpu_ns;
	keep_budget(i, now_ns);
	return now_ns + TICK_MS * MILLISECOND;
}

static void end(struct instrument *i)
{
	drain(i);
	tell_of_those_away(i, clock_monotonic_ns(), 0);
	sum_up(i);
}

static void state(const struct instrument *i, struct instrument_state *out)
{
	*out = i->stats;
}

const struct instrument_ops offcpu_instrument = {
	.id = "offcpu",
	.open = open_offcpu,
	.add = add,
	.remove = leave,
	.tick = tick,
	.end = end,
	.close = close_offcpu,
	.state = state,
};
