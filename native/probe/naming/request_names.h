/* SPDX-License-Identifier: MIT */
/*
 * Which request of the model a sample's is. How many different ones there may be is bounded, since
 * anybody who can send requests decides what they are: what is beyond that is "(other)".
 */
#ifndef ACUPOINT_REQUEST_NAMES_H
#define ACUPOINT_REQUEST_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "model/model.h"
#include "naming/id_map.h"
#include "walk/taken_sample.h"

struct request_names {
	struct model *model;
	uint64_t seed; /* unknown to those who send requests */
	/* hash of the text -> string of the model */
	struct id_map methods, hosts, uris, peers;
	struct id_map requests; /* the three -> request of the model */
};

struct request_names request_names_of(struct model *m);
void request_names_free(struct request_names *n);

/* 0: the sample names none. `other`: some of it is "(other)". */
uint32_t request_names_get(struct request_names *n, const struct sample_request *request,
			   bool *other);

/*
 * One part as a string of the model, of which `length` bytes are at `text`; 0: there is none.
 * `whole`: it is no longer than that. The path of a URI, a host, and whom a request was passed to.
 */
uint32_t request_names_uri(struct request_names *n, const char *text, size_t length, bool whole);
uint32_t request_names_host(struct request_names *n, const char *text, size_t length, bool whole);
uint32_t request_names_peer(struct request_names *n, const char *text, size_t length, bool whole);
/* "(other)" */
uint32_t request_names_other(struct request_names *n);

#endif
