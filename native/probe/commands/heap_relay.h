/* SPDX-License-Identifier: MIT */
/*
 * A heap snapshot on its way to the reader. It is taken by a process of its own (heap_job.h), which
 * takes the memory that it needs along when it ends, and cannot keep this one from its duties.
 */
#ifndef ACUPOINT_HEAP_RELAY_H
#define ACUPOINT_HEAP_RELAY_H

#include "wire/outbox.h"

#include "acupoint.pb.h"

/* Nothing is read for an outbox with so much in it. */
enum { HEAP_RELAY_BUSY = 256 * 1024 };

struct heap_relay {
	uint32_t request; /* 0: none is being taken */
	int fd;		  /* of its output; -1: none */
};

void heap_relay_init(struct heap_relay *h);
/* These return 0, or -ENOBUFS as the wire's functions; what fails is answered with a failure. */
int heap_relay_begin(struct heap_relay *h, struct outbox *o, uint32_t request,
		     const acupoint_wire_v1_TakeHeap *command);
int heap_relay_continue(struct heap_relay *h, struct outbox *o);
int heap_relay_cancel(struct heap_relay *h, struct outbox *o);
/* Ends the process. */
void heap_relay_end(struct heap_relay *h);

#endif
