/* SPDX-License-Identifier: MIT */
#include "instruments/cpu/user_sampler.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host/failure.h"
#include "instruments/bpf_errors.h"

#define NS_PER_S 1000000000ULL
#define TAKER_STACK (128u << 10)

static bool put(void *context, struct sample *sample, size_t size)
{
	struct sampler *s = context;

	if (s->finish)
		s->finish(s, sample);
	return sample_queue_put(&s->queue, sample, size);
}

void user_sampler_wake(struct sampler *s)
{
	const uint64_t one = 1;

	if (write(s->wake, &one, sizeof(one)) < 0)
		return; /* it is awake already */
}

void user_sampler_close(struct sampler *s)
{
	if (!s)
		return;
	if (s->taking) {
		atomic_store(&s->ending, true);
		user_sampler_wake(s);
		pthread_join(s->taker, NULL);
	}
	threads_free(&s->threads);
	user_walker_close();
	unwind_free(s->unwind);
	unwind_memory_free(s->memory);
	sample_queue_free(&s->queue);
	if (s->wake >= 0)
		close(s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* Signals are for the thread that polls. */
static int start(struct sampler *s, void *(*run)(void *))
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int error;

	error = pthread_attr_init(&attributes);
	if (error)
		return error;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_setstacksize(&attributes, TAKER_STACK);
	error = pthread_create(&s->taker, &attributes, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	s->taking = !error;
	return error;
}

struct sampler *user_sampler_open(uint32_t rate_hz, thread_attach attach, void *(*run)(void *),
				  struct failure *error)
{
	struct sampler *s = calloc(1, sizeof(*s));
	struct user_walker_output output = {put, s};
	struct unwind_maps maps = {.spaces = -1, .chunks = -1, .cache = -1};

	if (!s)
		goto failed;
	pthread_mutex_init(&s->lock, NULL);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->memory = unwind_memory_new();
	maps.memory = s->memory;
	s->unwind = s->memory ? unwind_new(&maps) : NULL;
	s->threads.attach = attach;
	s->threads.period_ns = NS_PER_S / rate_hz;
	if (!s->unwind || s->wake < 0 || !sample_queue_init(&s->queue))
		goto failed;
	user_walker_open(s->memory, &output);
	if (!start(s, run))
		return s;
failed:
	error->kind = FAILURE_OTHER;
	error->detail = NULL;
	snprintf(error->text, sizeof(error->text),
		 "The probe could not start to sample: it is out of memory or of threads.");
	user_sampler_close(s);
	return NULL;
}

/* Without a space the process is sampled all the same, without native frames. */
static int put_process(struct sampler *s, pid_t pid, struct sampled_process process, int slot)
{
	int result;

	process.space = slot < 0 ? 0 : (uint32_t)slot + 1;
	pthread_mutex_lock(&s->lock);
	result = user_walker_describe(pid, &process);
	pthread_mutex_unlock(&s->lock);
	return result;
}

static int follow(struct sampler *s, pid_t pid)
{
	size_t before;
	bool changed;
	int result;

	pthread_mutex_lock(&s->lock);
	before = s->threads.count;
	result = threads_follow(&s->threads, pid);
	changed = s->threads.count != before;
	pthread_mutex_unlock(&s->lock);
	if (changed)
		user_sampler_wake(s);
	return result;
}

int user_sampler_add(struct sampler *s, pid_t pid, const struct sampled_process *process,
		     struct failure *error)
{
	int slot = unwind_space_of(s->unwind, pid, 0), result;

	result = put_process(s, pid, *process, slot);
	if (!result)
		result = follow(s, pid);
	if (!result)
		return 0;
	user_sampler_remove(s, pid);
	bpf_add_error(error, pid, -result);
	return -1;
}

void user_sampler_remove(struct sampler *s, pid_t pid)
{
	pthread_mutex_lock(&s->lock);
	threads_forget(&s->threads, pid);
	user_walker_describe(pid, NULL);
	pthread_mutex_unlock(&s->lock);
	user_sampler_wake(s);
	unwind_forget(s->unwind, pid);
}

int user_sampler_describe(struct sampler *s, pid_t pid, const struct sampled_process *process)
{
	return put_process(s, pid, *process, unwind_space_of(s->unwind, pid, 0));
}

void user_sampler_follow(struct sampler *s, pid_t pid)
{
	follow(s, pid);
}

/* Loads what the last samples lacked. */
static void load_missing(struct sampler *s)
{
	struct sampled_process process;
	bool known;
	int slot;

	for (size_t i = 0; i < s->missing.count; i++) {
		pid_t pid = s->missing.items[i].pid;

		slot = unwind_space_again(s->unwind, pid, s->missing.items[i].address);
		pthread_mutex_lock(&s->lock);
		known = user_walker_described(pid, &process);
		pthread_mutex_unlock(&s->lock);
		if (slot >= 0 && known)
			put_process(s, pid, process, slot);
	}
	s->missing.count = 0;
}

int user_sampler_poll(struct sampler *s, sampler_take take, void *context)
{
	struct taken_sample taken;
	const void *record;
	size_t size;
	int count = 0;

	while ((record = sample_queue_peek(&s->queue, &size))) {
		if (taken_sample_of(record, size, &taken)) {
			if (taken.head->native && unwind_lacks_tables(taken.head->native_state))
				missing_note(&s->missing, (pid_t)taken.head->pid,
					     taken.native[taken.head->native - 1]);
			take(context, &taken);
			count++;
		} else {
			s->malformed++;
		}
		sample_queue_next(&s->queue);
	}
	load_missing(s);
	return count;
}

void user_sampler_count(struct sampler *s, struct sampler_counts *out)
{
	pthread_mutex_lock(&s->lock);
	user_walker_count(out);
	pthread_mutex_unlock(&s->lock);
	out->lost += atomic_load(&s->lost) + s->malformed;
}
