/* SPDX-License-Identifier: MIT */
/* The BPF object that watches requests: a program behind each of four functions of nginx. */
#ifndef ACUPOINT_REQUESTS_OBJECT_H
#define ACUPOINT_REQUESTS_OBJECT_H

#include "host/failure.h"
#include "instruments/trap.h"

struct requests;

/* Descriptors, as requests.bpf.c describes them. */
struct requests_maps {
	int places, ended, counts;
};

struct requests_object {
	struct requests *bpf;
	int begins, ends, posted, part_ends; /* programs */
	struct requests_maps maps;
};

/* For such a trap. 0, or -1 with `error`, and nothing to free. */
int requests_object_load(struct requests_object *o, enum trap_kind trap, struct failure *error);
void requests_object_free(struct requests_object *o);

#endif
