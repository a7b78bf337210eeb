/* SPDX-License-Identifier: MIT */
#include "instruments/granted.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/failure.h"
#include "instruments/hurry.h"
#include "walk/rule.h"
#include "walk/space.h"

/* Behind the walkers, for REACH_LOAD and REACH_UNLOAD. */
enum { LOAD_REQUESTS = WALKERS };

/* Whoever answers has them: this process or the keeper. */
static struct walker_object objects[WALKERS];
static struct requests_object requests;

/* Places of descriptors, in the order in which these travel. */
struct places {
	int *at[REACH_DESCRIPTORS];
	size_t count;
};

static void add_place(struct places *p, int *at)
{
	p->at[p->count++] = at;
}

static struct places maps_of(struct walker_maps *maps, enum walker_kind which)
{
	struct places p = {.count = 0};

	if (which == WALKER_SAMPLES) {
		add_place(&p, &maps->processes);
		add_place(&p, &maps->unwind_spaces);
		add_place(&p, &maps->unwind_chunks);
		add_place(&p, &maps->unwind_cache);
	} else {
		add_place(&p, &maps->control);
	}
	if (which == WALKER_ERRORS)
		add_place(&p, &maps->error_places);
	if (which == WALKER_LOOP)
		add_place(&p, &maps->places);
	add_place(&p, &maps->samples);
	add_place(&p, &maps->counts);
	return p;
}

static struct places maps_of_requests(struct requests_maps *maps)
{
	struct places p = {.count = 0};

	add_place(&p, &maps->places);
	add_place(&p, &maps->ended);
	add_place(&p, &maps->counts);
	return p;
}

static void give_maps(const struct places *places, struct reach_answer *answer, int *descriptors)
{
	for (size_t i = 0; i < places->count; i++) {
		descriptors[i] = fcntl(*places->at[i], F_DUPFD_CLOEXEC, 0);
		if (descriptors[i] < 0) {
			answer->result = -errno;
			while (i)
				close(descriptors[--i]);
			return;
		}
	}
	answer->descriptors = (uint32_t)places->count;
}

static void take_maps(const struct places *places, const struct reach_answer *answer,
		      const int *given)
{
	for (size_t i = 0; i < places->count; i++)
		*places->at[i] = i < answer->descriptors ? given[i] : -1;
}

static void close_maps(const struct places *places)
{
	for (size_t i = 0; i < places->count; i++)
		if (*places->at[i] >= 0)
			close(*places->at[i]);
}

/* Failures are the text: what the user reads, and behind its NUL what the kernel said. */
static void give_error(const struct failure *error, struct reach_answer *answer)
{
	int length = snprintf(answer->text, sizeof(answer->text), "%s%c%s", error->text, '\0',
			      error->detail ? error->detail : "");

	answer->result = -EIO;
	answer->values[0] = (uint64_t)error->kind;
	answer->text_length = length < 0			      ? 0
			      : (size_t)length < sizeof(answer->text) ? (uint32_t)length
								      : REACH_TEXT - 1;
	free(error->detail);
}

static int load_walker(enum walker_kind which, enum trap_kind trap, struct places *maps,
		       struct failure *error)
{
	const struct walker_maps *shared =
		which == WALKER_SAMPLES ? NULL : &objects[WALKER_SAMPLES].maps;

	walker_object_free(&objects[which]);
	*maps = maps_of(&objects[which].maps, which);
	return walker_object_load(&objects[which], which, shared, trap, error);
}

static int load_requests(enum trap_kind trap, struct places *maps, struct failure *error)
{
	requests_object_free(&requests);
	*maps = maps_of_requests(&requests.maps);
	return requests_object_load(&requests, trap, error);
}

static void load(const struct reach_request *request, struct reach_answer *answer, int *descriptors)
{
	enum trap_kind trap = request->values[1] == TRAP_LINK ? TRAP_LINK : TRAP_EVENT;
	struct failure error = {0};
	struct places maps;
	int result;

	if (request->values[0] > LOAD_REQUESTS ||
	    (request->values[0] != WALKER_SAMPLES && !objects[WALKER_SAMPLES].bpf)) {
		answer->result = -EINVAL;
		return;
	}
	if (request->values[0] == LOAD_REQUESTS)
		result = load_requests(trap, &maps, &error);
	else
		result = load_walker((enum walker_kind)request->values[0], trap, &maps, &error);
	if (result) {
		give_error(&error, answer);
		return;
	}
	give_maps(&maps, answer, descriptors);
	/* To load one takes megabytes for a moment. */
	malloc_trim(0);
}

static void unload(uint64_t which)
{
	if (which < WALKERS)
		walker_object_free(&objects[which]);
	else if (which == LOAD_REQUESTS)
		requests_object_free(&requests);
}

static int make_chunk(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "unwind_rows", sizeof(uint32_t),
				sizeof(struct unwind_row), UNWIND_CHUNK_ROWS, &options);

	return fd < 0 ? -errno : fd;
}

static int program_of(enum walker_kind which)
{
	return objects[which].bpf ? objects[which].program : -1;
}

/* Of WALKER_LOOP. */
static int loop_program(bool clock)
{
	const struct walker_object *o = &objects[WALKER_LOOP];

	if (!o->bpf)
		return -1;
	return clock ? o->clock : o->trap;
}

static int make_event(const struct reach_request *request)
{
	enum event_kind kind = (enum event_kind)request->values[0];
	int program = kind == EVENT_LOOP ? loop_program(true) : program_of(WALKER_SAMPLES);

	if (request->pid <= 0 || request->values[0] >= EVENT_KINDS || !request->values[1])
		return -EINVAL;
	if (kind != EVENT_CLOCK && kind != EVENT_LOOP)
		return event_open(kind, request->pid, request->values[1], -1);
	return program < 0 ? -EINVAL : event_open(kind, request->pid, request->values[1], program);
}

static int program_behind(uint64_t trap)
{
	switch (trap) {
	case TRAP_ALLOCATION:
		return program_of(WALKER_WATCHES);
	case TRAP_ERROR:
		return program_of(WALKER_ERRORS);
	case TRAP_REQUEST_BEGINS:
		return requests.bpf ? requests.begins : -1;
	case TRAP_REQUEST_ENDS:
		return requests.bpf ? requests.ends : -1;
	case TRAP_REQUEST_POSTED:
		return requests.bpf ? requests.posted : -1;
	case TRAP_REQUEST_PART_ENDS:
		return requests.bpf ? requests.part_ends : -1;
	case TRAP_LOOP:
		return loop_program(false);
	default:
		return -1;
	}
}

static int make_trap(const struct reach_request *request, int file)
{
	enum trap_kind kind = request->values[0] == TRAP_LINK ? TRAP_LINK : TRAP_EVENT;
	int program = program_behind(request->values[2]);

	if (request->pid <= 0 || file < 0 || program < 0)
		return -EINVAL;
	return trap_place(kind, request->pid, file, request->values[1], program);
}

static int watch_switches(uint64_t which)
{
	int program, fd;

	if (which != WALKER_SWITCHES && which != WALKER_LOOP)
		return -EINVAL;
	program = program_of((enum walker_kind)which);
	if (program < 0)
		return -EINVAL;
	fd = bpf_raw_tracepoint_open("sched_switch", program);
	return fd < 0 ? -errno : fd;
}

void granted_answer(const struct reach_request *request, int descriptor,
		    struct reach_answer *answer, int *descriptors)
{
	int fd;

	switch (request->op) {
	case REACH_LOAD:
		load(request, answer, descriptors);
		return;
	case REACH_UNLOAD:
		unload(request->values[0]);
		return;
	case REACH_HURRY:
		answer->result = hurry(request->pid);
		return;
	case REACH_CHUNK:
		fd = make_chunk();
		break;
	case REACH_EVENT:
		fd = make_event(request);
		break;
	case REACH_SWITCHES:
		fd = watch_switches(request->values[0]);
		break;
	case REACH_TRAP:
		fd = make_trap(request, descriptor);
		break;
	default:
		reach_answer_files(request, descriptor, answer, descriptors);
		return;
	}
	answer->result = fd < 0 ? fd : 0;
	answer->descriptors = fd >= 0;
	descriptors[0] = fd;
}

static void read_error(const struct reach_answer *answer, int result, struct failure *error)
{
	size_t length = strnlen(answer->text, answer->text_length);

	error->kind = answer->text_length ? (int)answer->values[0] : FAILURE_OTHER;
	error->detail = NULL;
	if (!answer->text_length)
		snprintf(error->text, sizeof(error->text), "BPF could not be loaded: %s.",
			 strerror(-result));
	else
		snprintf(error->text, sizeof(error->text), "%.*s", (int)sizeof(error->text) - 1,
			 answer->text);
	if (length + 1 < answer->text_length)
		error->detail = strdup(answer->text + length + 1);
}

/* 0, or -1 with `error`. */
static int ask_to_load(uint64_t which, enum trap_kind trap, const struct places *maps,
		       struct failure *error)
{
	const struct reach_request request = {.op = REACH_LOAD, .values = {which, trap}};
	static struct reach_answer answer;
	int given[REACH_DESCRIPTORS];
	int result = reach(&request, -1, &answer, given);

	if (result < 0)
		read_error(&answer, result, error);
	else
		take_maps(maps, &answer, given);
	return result < 0 ? -1 : 0;
}

static void ask_to_unload(uint64_t which, const struct places *maps)
{
	close_maps(maps);
	reach(&(struct reach_request){.op = REACH_UNLOAD, .values = {which}}, -1, NULL, NULL);
}

int granted_load(enum walker_kind which, enum trap_kind trap, struct walker_maps *maps,
		 struct failure *error)
{
	struct places places = maps_of(maps, which);

	*maps = (struct walker_maps){-1, -1, -1, -1, -1, -1, -1, -1, -1};
	return ask_to_load(which, trap, &places, error);
}

void granted_unload(enum walker_kind which, struct walker_maps *maps)
{
	struct places places = maps_of(maps, which);

	ask_to_unload(which, &places);
}

int granted_load_requests(enum trap_kind trap, struct requests_maps *maps, struct failure *error)
{
	struct places places = maps_of_requests(maps);

	return ask_to_load(LOAD_REQUESTS, trap, &places, error);
}

void granted_unload_requests(struct requests_maps *maps)
{
	struct places places = maps_of_requests(maps);

	ask_to_unload(LOAD_REQUESTS, &places);
}

static int ask(const struct reach_request *request, int descriptor)
{
	int given[REACH_DESCRIPTORS] = {-1};
	int result = reach(request, descriptor, NULL, given);

	return result < 0 ? result : given[0];
}

int granted_chunk(void)
{
	return ask(&(struct reach_request){.op = REACH_CHUNK}, -1);
}

int granted_event(enum event_kind kind, pid_t tid, uint64_t period_ns)
{
	return ask(
		&(struct reach_request){.op = REACH_EVENT, .pid = tid, .values = {kind, period_ns}},
		-1);
}

int granted_switches(enum walker_kind which)
{
	return ask(&(struct reach_request){.op = REACH_SWITCHES, .values = {which}}, -1);
}

void granted_hurry(void)
{
	reach(&(struct reach_request){.op = REACH_HURRY, .pid = (pid_t)syscall(SYS_gettid)}, -1,
	      NULL, NULL);
}

int granted_trap(enum trap_program program, enum trap_kind kind, pid_t pid, int fd, uint64_t offset)
{
	return ask(&(struct reach_request){.op = REACH_TRAP,
					   .pid = pid,
					   .values = {kind, offset, program},
					   .has_descriptor = 1},
		   fd);
}
