/* SPDX-License-Identifier: MIT */
/*
 * Messages from the probe, put into the outbox whole or not at all. All return 0, or -ENOBUFS when
 * the reader is so far behind that the outbox has no room.
 */
#ifndef ACUPOINT_MESSAGES_H
#define ACUPOINT_MESSAGES_H

#include "instruments/instrument.h"
#include "instruments/memory/worker_memory.h"
#include "model/drain.h"
#include "nginx/zones.h"
#include "trace/loaded.h"
#include "trace/trace.h"
#include "wire/fields.h"
#include "wire/outbox.h"

#include "acupoint.pb.h"

struct host_report;
struct nginx_listing;

enum { WIRE_MEMORY_MAX = 64 };

/* Numbers of RateLimit in acupoint.proto. */
enum wire_rate_limit { RATE_AS_ASKED = 0, RATE_OF_SAMPLER = 1, RATE_OF_BUDGET = 2 };

struct wire_health {
	float probe_cpu_percent, kernel_cpu_percent, stopped_percent;
	enum wire_rate_limit limit;
	uint64_t rss_bytes;
	struct trace_stats stats;
	const uint32_t *pids;
	size_t pid_count;
	struct worker_memory memory[WIRE_MEMORY_MAX];
	size_t memory_count;
	const struct zones *zones; /* NULL: not this time */
	/* The instruments that are on, and those that were switched off since the last health. */
	struct wire_instrument {
		const char *id;
		bool on;
		struct instrument_state state;
		float cost_percent; /* of a core */
	} instruments[INSTRUMENTS_MAX];
	size_t instrument_count;
	/* Of a core, the part of their cost that is in no other percent. */
	float trap_percent;
};

/* The parts of a batch besides the model's rows. Times in microseconds since Started. */
struct wire_batch {
	uint32_t sequence, interval_us, period_us;
	uint64_t time_us;
	const struct wire_health *health; /* NULL: not this time */
	const struct loaded_modules *modules;
	size_t module_sets;
};

int wire_hello(struct outbox *o, const struct host_report *report, enum sampler_kind sampler);
/* `left_out` gets how many of the last masters did not fit into a message. */
int wire_listing(struct outbox *o, uint32_t request, const struct nginx_listing *listing,
		 size_t *left_out);
int wire_started(struct outbox *o, uint32_t request, enum sampler_kind sampler,
		 const uint32_t *pids, size_t pid_count, uint64_t start_unix_us);
int wire_stopped(struct outbox *o, uint32_t request, const char *reason);
int wire_notice(struct outbox *o, int kind, uint32_t pid, const char *text, const char *detail);
int wire_failure(struct outbox *o, uint32_t request, int kind, const char *text,
		 const char *detail);
int wire_pong(struct outbox *o, uint32_t request, uint64_t sent_us);
int wire_batch(struct outbox *o, const struct wire_batch *head, const struct model_batch *rows);

struct wire_file {
	uint32_t request;
	const char *chunk;
	size_t chunk_length;
	bool done;
	uint64_t size, modified_us;
};
int wire_file(struct outbox *o, const struct wire_file *file);
/* Without bytes it is the last. */
int wire_heap(struct outbox *o, uint32_t request, const char *piece, size_t length);

/* The workers' memory; `health` must live until the batch has been encoded. */
pb_callback_t wire_memory(const struct wire_health *health);
/* Writes what a batch says of zones; both structs must live until it has been encoded. */
void wire_zones(acupoint_wire_v1_Zones *out, const struct zones *zones, struct field_text *missing);

/* Encodes with its length in front. */
int wire_send(struct outbox *o, const acupoint_wire_v1_FromProbe *message);

#endif
