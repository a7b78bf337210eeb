/* SPDX-License-Identifier: MIT */
/* What one session over the wire holds, and its answers to commands. */
#ifndef ACUPOINT_SESSION_H
#define ACUPOINT_SESSION_H

#include "commands/capture.h"
#include "commands/heap_relay.h"
#include "commands/transfer.h"
#include "host/report.h"
#include "nginx/listing.h"
#include "wire/inbox.h"
#include "wire/outbox.h"

struct session {
	struct inbox in;
	struct outbox out;
	struct model *model;
	struct capture *capture;   /* NULL: not tracing */
	enum sampler_kind sampler; /* SAMPLER_NONE: the best that works */
	struct transfers transfers;
	struct heap_relay heap;
	/* A listing that measures CPU at the moment; 0: none. */
	uint32_t listing_request;
	uint64_t listing_due_ns;
	struct nginx_listing listing;
	uint32_t sequence;
	uint64_t next_batch_ns, last_batch_ns, next_health_ns;
	bool told_full;
	bool ended_told;   /* which instruments are off now, and what they saw */
	bool sent_samples; /* of this trace: the first ones do not wait for their turn */
	bool ended;
	int exit_code;
};

bool session_init(struct session *s, int in_fd, int out_fd);
void session_free(struct session *s);

void session_hello(struct session *s);
void session_command(struct session *s, const acupoint_wire_v1_ToProbe *command);
/* Does what is due; sets *next_ns to when it wants to be called again. */
void session_tick(struct session *s, uint64_t now_ns, uint64_t *next_ns);
/* Ends the session with a reason that the other end can show. */
void session_fail(struct session *s, int kind, const char *text);

#endif
