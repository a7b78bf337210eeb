/* SPDX-License-Identifier: MIT */
/*
 * walks record PID FILE [--keep N] [--looks N] [--state S] [--lost]
 *                                   walks of a running program, for tests
 * walks replay FILE                                        prints what the walk makes of them now
 * walks bytes FILE OUT                                     the first sample, for a fuzzer
 *
 * Recording stops the program for each look, for milliseconds: it is for programs that were started
 * for it. Of each kind of sample (state of the VM, quality, where it was found) one is kept.
 */
#include <elf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "sample_bytes.h"
#include "scene.h"
#include "host/failure.h"
#include "naming/process.h"

#define KINDS_MAX 64
/* Looks are this far apart, and a little more each time, lest they keep step with the program. */
#define APART_NS 700000
#define STEP_NS 13000

struct options {
	pid_t pid;
	const char *file;
	size_t keep, looks;
	const char *state; /* only samples in this state of the VM; NULL: in any */
	bool lost;	   /* only samples whose Lua stack was not found, or not whole */
};

struct recorder {
	struct options options;
	struct process *process;
	struct scene scene;
	struct recording recording;
	char *kinds[KINDS_MAX];
	size_t kind_count;
	size_t different; /* looks whose recording alone gave something else */
};

/* ---- replay ---- */

static int replay(const char *file)
{
	struct scene scene = {.pid = 1};
	struct recording recording;
	struct scene_result result;

	if (!recording_load(&recording, file))
		return 1;
	for (size_t i = 0; i < recording.count; i++) {
		if (!scene_walk(&scene, &recording.samples[i], &result))
			return 1;
		printf("%zu: %s", i + 1, result.text);
		free(result.text);
	}
	recording_free(&recording);
	return 0;
}

static int write_bytes(const char *file, const char *out)
{
	struct recording recording;
	size_t size = 0, written = 0;
	uint8_t *bytes;
	FILE *to;

	if (!recording_load(&recording, file) || !recording.count)
		return 1;
	bytes = sample_to_bytes(&recording.samples[0], &size);
	to = fopen(out, "wb");
	if (to) {
		written = fwrite(bytes, 1, size, to);
		fclose(to);
	}
	free(bytes);
	recording_free(&recording);
	return written != size;
}

/* ---- recording ---- */

static bool is_new_kind(const struct recorder *r, const char *kind)
{
	for (size_t i = 0; i < r->kind_count; i++)
		if (!strcmp(r->kinds[i], kind))
			return false;
	return r->kind_count < KINDS_MAX;
}

/* Returns what the first line says, and what kind of frame the leaf is. */
static char *kind_of(const struct scene_result *result)
{
	const char *leaf = result->text + strlen(result->text) - 1;
	char *kind;

	while (leaf > result->text && leaf[-1] != '\n')
		leaf--;
	if (asprintf(&kind, "%.*s%.10s", (int)result->head_length, result->text, leaf) < 0)
		exit(1);
	return kind;
}

/* Does the recording alone give the same? Then it is kept. */
static bool keep(struct recorder *r, struct recorded_sample *s, const struct scene_result *live)
{
	struct scene alone = {.pid = 1};
	struct scene_result again;
	char *kind = kind_of(live);
	bool same;

	if ((r->options.lost && !live->lost) ||
	    (r->options.state && strncmp(live->text, r->options.state, strlen(r->options.state))) ||
	    !is_new_kind(r, kind) || !scene_walk(&alone, s, &again)) {
		free(kind);
		return false;
	}
	/* Two rules may have had one place in the unwinder's cache: then one is missing. */
	same = !strcmp(live->text, again.text);
	if (same) {
		*recording_add(&r->recording) = *s;
		r->kinds[r->kind_count++] = kind;
	} else {
		r->different++;
		free(kind);
	}
	free(again.text);
	return same;
}

/* The process stands still. */
static void look(struct recorder *r)
{
	struct recorded_sample s = {.vm_count = r->process->vm_count};
	struct iovec registers = {&s.regs, sizeof(s.regs)};
	struct scene_result live;

	for (size_t i = 0; i < s.vm_count; i++)
		s.vms[i] = *r->process->vms[i];
	if (ptrace(PTRACE_GETREGSET, r->options.pid, (void *)NT_PRSTATUS, &registers) ||
	    !scene_walk(&r->scene, &s, &live))
		return;
	if (live.wanted)
		unwind_space_of(r->scene.unwind, r->options.pid, live.wanted);
	if (live.wanted || !keep(r, &s, &live))
		sample_free(&s);
	free(live.text);
}

static bool stop(pid_t pid)
{
	int status;

	return !ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) && waitpid(pid, &status, __WALL) == pid &&
	       WIFSTOPPED(status);
}

static void look_often(struct recorder *r)
{
	struct timespec pause = {0, APART_NS};

	for (size_t i = 0; i < r->options.looks && r->recording.count < r->options.keep; i++) {
		if (!stop(r->options.pid))
			return;
		look(r);
		ptrace(PTRACE_CONT, r->options.pid, NULL, NULL);
		pause.tv_nsec = APART_NS + (long)(i % 97) * STEP_NS;
		nanosleep(&pause, NULL);
	}
}

static int record(const struct options *options)
{
	struct notices events = {0};
	struct identities identities = identities_of(NULL, 1024);
	struct recorder r = {.options = *options};
	struct unwind_maps maps = {
		.spaces = -1, .chunks = -1, .cache = -1, .memory = unwind_memory_new()};
	struct failure error;
	int result = 1;

	r.process = process_open(options->pid, &identities, 1, &events, &error);
	if (!r.process || !r.process->vm_count || !maps.memory) {
		fputs("There is no Lua VM in this process that the probe can read.\n", stderr);
		return 1;
	}
	r.scene = (struct scene){
		.pid = options->pid,
		.symbols = r.process->symbols,
		.memory = maps.memory,
		.unwind = unwind_new(&maps),
		.vms = r.process->vms,
	};
	for (size_t i = 0; i < r.process->vm_count; i++)
		catalogue_read(r.process->vms[i]->catalogue, &r.process->memory,
			       &r.process->vms[i]->layout, r.process->vms[i]->global);
	r.scene.slot = unwind_space_of(r.scene.unwind, options->pid, 0);
	if (ptrace(PTRACE_SEIZE, options->pid, NULL, NULL)) {
		perror("ptrace");
		return 1;
	}
	look_often(&r);
	if (r.different)
		fprintf(stderr, "%zu looks were not kept: they replay as something else.\n",
			r.different);
	if (stop(options->pid))
		ptrace(PTRACE_DETACH, options->pid, NULL, NULL);
	if (r.recording.count && recording_save(&r.recording, options->file))
		result = replay(options->file);
	else
		fprintf(stderr, "Nothing to keep in %zu looks.\n", options->looks);
	for (size_t i = 0; i < r.kind_count; i++)
		free(r.kinds[i]);
	recording_free(&r.recording);
	unwind_free(r.scene.unwind);
	unwind_memory_free(maps.memory);
	process_free(r.process);
	identities_free(&identities);
	return result;
}

static int usage(void)
{
	fputs("walks record PID FILE [--keep N] [--looks N] [--state S] [--lost]\nwalks replay "
	      "FILE\n"
	      "walks bytes FILE OUT\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct options options = {.keep = 8, .looks = 2000};

	if (argc == 3 && !strcmp(argv[1], "replay"))
		return replay(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "bytes"))
		return write_bytes(argv[2], argv[3]);
	if (argc < 4 || strcmp(argv[1], "record"))
		return usage();
	options.pid = atoi(argv[2]);
	options.file = argv[3];
	for (int i = 4; i < argc; i++) {
		if (!strcmp(argv[i], "--lost"))
			options.lost = true;
		else if (i + 1 < argc && !strcmp(argv[i], "--state"))
			options.state = argv[++i];
		else if (i + 1 < argc && !strcmp(argv[i], "--keep"))
			options.keep = strtoul(argv[++i], NULL, 10);
		else if (i + 1 < argc && !strcmp(argv[i], "--looks"))
			options.looks = strtoul(argv[++i], NULL, 10);
		else
			return usage();
	}
	return record(&options);
}
