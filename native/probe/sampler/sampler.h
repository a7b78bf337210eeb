/* SPDX-License-Identifier: MIT */
/*
 * What takes samples of threads. The trace knows no more of it than this, so that a host without
 * BPF can be sampled by other means.
 */
#ifndef ACUPOINT_SAMPLER_H
#define ACUPOINT_SAMPLER_H

#include <linux/types.h>
#include <stdint.h>
#include <sys/types.h>

#include "sampler/sample.h"
#include "trace/trace.h"

struct missing;
struct sampler;

/* The pointers lead behind the head; what they point at is whole, its counts are checked. */
struct taken_sample {
	const struct sample *head;
	const struct sample_frame *frames;
	const uint64_t *kernel;
	const uint64_t *words;
	const uint64_t *native;
	const struct sample_request *request; /* NULL: none is known; its text may be shorter */
	const struct sample_place *places;    /* of the first frames */
	size_t place_count;
};

/* False where the counts do not fit what there is. */
static inline bool taken_sample_of(const void *data, size_t size, struct taken_sample *out)
{
	const struct sample *head = data;
	const char *at = (const char *)data + sizeof(*head);
	size_t need;

	if (size < sizeof(*head))
		return false;
	need = sizeof(*head) + head->frames * sizeof(struct sample_frame) +
	       ((size_t)head->kernel + head->words + head->native) * 8;
	if (need + (head->request ? REQUEST_HEAD : 0) > size || head->frames > SAMPLE_FRAMES ||
	    head->kernel > SAMPLE_KERNEL || head->words > SAMPLE_WORDS ||
	    head->native > SAMPLE_NATIVE)
		return false;
	out->head = head;
	out->frames = (const struct sample_frame *)at;
	out->kernel = (const uint64_t *)(at + head->frames * sizeof(struct sample_frame));
	out->words = out->kernel + head->kernel;
	out->native = out->words + head->words;
	out->request = head->request ? (const void *)(out->native + head->native) : NULL;
	if (head->request) {
		if (out->request->text_size > size - need - REQUEST_HEAD)
			return false;
		need += REQUEST_HEAD + out->request->text_size;
	}
	out->places = (const void *)((const char *)data + need);
	out->place_count = !(head->flags & SAMPLE_PLACED) ? 0
			   : head->frames < SAMPLE_PLACES ? head->frames
							  : SAMPLE_PLACES;
	return out->place_count * sizeof(struct sample_place) <= size - need;
}

/* What a second BPF program that makes the same walk shares with the sampler's. */
struct walk_share {
	struct missing *missing; /* tables that walks lacked, loaded at the next poll */
};

typedef void (*sampler_take)(void *context, const struct taken_sample *sample);

struct sampler_ops {
	enum sampler_kind kind;
	/*
	 * What a user must know of it before he reads the figures: what it costs and what it does
	 * not see. "" where there is nothing.
	 */
	const char *(*caveat)(void);
	/* The highest rate that it takes; more is lowered to it. */
	uint32_t most_hz;
	/* True where open() has a chance; costs microseconds. */
	bool (*available)(void);
	struct sampler *(*open)(uint32_t rate_hz, struct trace_error *error);
	void (*close)(struct sampler *s);
	/* Begins to sample all threads of a process. 0, or -1 with `error`. */
	int (*add)(struct sampler *s, pid_t pid, const struct sampled_process *process,
		   struct trace_error *error);
	void (*remove)(struct sampler *s, pid_t pid);
	/* Which VMs the process has now: takes effect with the next sample. 0 or -errno. */
	int (*describe)(struct sampler *s, pid_t pid, const struct sampled_process *process);
	/* Looks for threads that were started since. Called at every poll. */
	void (*follow)(struct sampler *s, pid_t pid);
	/* Hands over what was taken since the last call, oldest first; returns how many, or -errno.
	 */
	int (*poll)(struct sampler *s, sampler_take take, void *context);
	int (*set_rate)(struct sampler *s, uint32_t rate_hz);
	/* Sums since open(). */
	void (*count)(struct sampler *s, struct sampler_counts *out);
	/* Valid until close(). NULL: this sampler has none. */
	const struct walk_share *(*share)(struct sampler *s);
};

extern const struct sampler_ops bpf_sampler_ops;
extern const struct sampler_ops perf_ring_sampler_ops;
extern const struct sampler_ops ptrace_sampler_ops;

#endif
