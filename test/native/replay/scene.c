/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "instruments/cpu/user_walker.h"
#include "model/drain.h"
#include "naming/place.h"
#include "target.h"
#include "unwind/missing.h"
#include "unwind/store.h"

#define NOW_MS 1000000 /* some time after the start of clocks */
#define DEPTH_MAX 512
#define FUNCTION_PC 0x20 /* in GCfunc */

static const struct series walked = {.name = "walked", .shape = SERIES_STACKS, .counted = true};

/* The data that one walk needs beside the walker's own. */
struct stage {
	struct process process;
	struct identities identities;
	struct model *model;
	struct naming naming;
	struct scene_result *result;
	struct sample head;
};

static bool put(void *context, struct sample *sample, size_t size)
{
	struct stage *stage = context;
	struct taken_sample taken;
	struct named_sample named;
	struct model_place place;

	if (!taken_sample_of(sample, size, &taken))
		return false;
	stage->head = *sample;
	if (sample->native && unwind_lacks_tables(sample->native_state))
		stage->result->wanted = taken.native[sample->native - 1];
	name_sample(&stage->naming, &stage->process, &taken, &named);
	place = place_of(stage->model, &named);
	return model_add(stage->model, &walked, &place, 1, 0);
}

/* ---- text ---- */

static const char *name_of(const char *const *names, size_t count, uint32_t value)
{
	return value < count && names[value] ? names[value] : "?";
}
#define NAME(names, value) name_of(names, sizeof(names) / sizeof(*names), value)

static void print_flags(FILE *out, uint32_t flags, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (flags & 1u << i)
			fprintf(out, " %s", names[i]);
}

static void print_head(FILE *out, const struct sample *h, const struct model_label_entry *label)
{
	static const char *const states[] = {"none",   "interpreter", "C",	  "GC", "exit",
					     "record", "optimise",    "assemble", "JIT"};
	static const char *const qualities[] = {"no Lua", "exact", "function", "trace root",
						"unknown"};
	static const char *const natives[] = {"goes on",  "complete",	"full",	    "unmapped",
					      "wanted",	  "no rule",	"odd rule", "foreign",
					      "Lua lost", "unreadable", "astray"};
	static const char *const flags[] = {"in-kernel", "in-VM",     "truncated", "broken",
					    "scanned",	 "leaf-sure", "new-VM",	   "kernel-cut",
					    "no-regs",	 "on-trace",  "torn"};

	fprintf(out, "%s, %s, native %s,", NAME(states, label->vm_state),
		NAME(qualities, label->quality), NAME(natives, h->native_state));
	print_flags(out, h->flags, flags, sizeof(flags) / sizeof(*flags));
	fputc('\n', out);
}

static const char *base_name(struct model_text text, int *length)
{
	const char *end = text.bytes + text.length, *start = end;

	while (start > text.bytes && start[-1] != '/')
		start--;
	if (start == text.bytes && text.length && (*start == '@' || *start == '='))
		start++;
	*length = (int)(end - start);
	return start;
}

static void print_frame(FILE *out, const struct model_batch *b, const struct model_frame *frame)
{
	static const char *const kinds[] = {"unknown", "kernel", "native",    "lua",  "jit",
					    "builtin", "C",	 "gc",	      "jit*", "exit",
					    "cut",     "idle",	 "incomplete"};
	static const char *const flags[] = {"approximate", "inlined", "collected", "spawned",
					    "tail-called"};
	const struct model_function *f = &b->functions[frame->function - 1];
	struct model_text name = {"", 0}, file = {"", 0};
	const char *base;
	int length;

	if (f->name)
		name = b->strings[f->name - 1];
	if (f->file)
		file = b->strings[f->file - 1];
	base = base_name(file, &length);
	fprintf(out, "  %-8s %.*s", NAME(kinds, frame->kind), (int)name.length, name.bytes);
	if (length)
		fprintf(out, " (%.*s:%u)", length, base, f->line);
	if (frame->line)
		fprintf(out, " line %u", frame->line);
	print_flags(out, frame->flags, flags, sizeof(flags) / sizeof(*flags));
	fputc('\n', out);
}

static void print_stack(FILE *out, const struct model_batch *b, uint32_t stack)
{
	uint32_t frames[DEPTH_MAX];
	size_t count = 0;

	for (; stack && count < DEPTH_MAX; stack = b->stacks[stack - 1].parent)
		frames[count++] = b->stacks[stack - 1].frame;
	while (count--)
		print_frame(out, b, &b->frames[frames[count] - 1]);
}

static char *text_of(struct stage *stage, struct scene_result *result)
{
	struct model_batch batch;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	model_drain(stage->model, 1u << 24, &batch);
	for (size_t i = 0; i < batch.row_count; i++) {
		const struct model_label_entry *label =
			&batch.labels[batch.rows[i].place.labels - 1];

		print_head(out, &stage->head, label);
		fflush(out);
		result->head_length = size;
		result->lost = label->quality == QUALITY_UNKNOWN ||
			       (stage->head.flags & (SAMPLE_BROKEN | SAMPLE_TRUNCATED));
		print_stack(out, &batch, batch.rows[i].place.stack);
	}
	fclose(out);
	return text;
}

/* ---- unwinding ---- */

/* Takes the rules that the live walk looked up, from where the unwinder keeps them. */
static void take_rules(struct recorded_sample *s, const struct unwind_memory *memory)
{
	for (size_t i = 0; i < UNWIND_CACHE; i++)
		if (memory->cache[i].key)
			sample_add_rule(s, memory->cache[i].key & 0xffffffffffffULL,
					(uint32_t)memory->cache[i].rule);
}

static int by_address(const void *a, const void *b)
{
	const struct recorded_rule *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

/* A space in which each address that was looked up is a mapping of one byte, with one row. */
static struct unwind_memory *memory_of(struct recorded_sample *s)
{
	static const uint32_t kinds[] = {[UNWIND_ANSWER_WANTED] = UNWIND_RANGE_UNLOADED,
					 [UNWIND_ANSWER_FOREIGN] = UNWIND_RANGE_FOREIGN,
					 [UNWIND_ANSWER_LUAJIT] = UNWIND_RANGE_LUAJIT};
	struct unwind_memory *memory = unwind_memory_new();
	struct unwind_space *space = calloc(1, sizeof(*space));

	if (!memory || !space || store_make_chunk(memory, 0))
		exit(1);
	memory->spaces[0] = space;
	space->owner = 1;
	if (s->rule_count)
		qsort(s->rules, s->rule_count, sizeof(*s->rules), by_address);
	for (size_t i = 0; i < s->rule_count && space->count < UNWIND_RANGES; i++) {
		uint32_t rule = s->rules[i].rule, kind = unwind_rule_kind(rule);
		uint32_t at = space->count * 2;

		if (rule == UNWIND_ANSWER_UNMAPPED)
			continue;
		/* The page's entry, and the row that it leads to. */
		memory->chunks[0][at] = (struct unwind_row){at + 1, at + 2};
		memory->chunks[0][at + 1] = (struct unwind_row){0, rule};
		space->ranges[space->count++] = (struct unwind_range){
			.start = s->rules[i].address,
			.size = 1,
			.index = at,
			.pages = 1,
			.kind = kind >= UNWIND_ANSWER_WANTED ? kinds[kind] : UNWIND_RANGE_ROWS,
		};
	}
	return memory;
}

/* ---- what a better walk may want ---- */

/* Around what a word points at, were it a pointer or a value of Lua's. */
static void log_around(uint64_t value, size_t size)
{
	target_log((value & 0x7fffffffffffULL) - size / 2, size);
}

/*
 * The walk that this is recorded for may read what today's does not: what registers point at and,
 * where it was lost, what the stack's values do.
 */
static void log_more(const struct recorded_sample *s, const struct scene_result *result)
{
	const uint64_t *regs = (const uint64_t *)&s->regs;
	struct memory memory = {1};
	uint64_t words[64], pc;

	for (size_t i = 0; i < sizeof(s->regs) / 8; i++)
		log_around(regs[i], 2 * BLOCK);
	if (!result->lost ||
	    !memory_read(&memory, REGS_BASE(&s->regs) - sizeof(words) + 8, words, sizeof(words)))
		return;
	for (size_t i = 0; i < sizeof(words) / 8; i++) {
		log_around(words[i], 4 * BLOCK);
		/* A function leads to its prototype. */
		if (memory_read(&memory, (words[i] & 0x7fffffffffffULL) + FUNCTION_PC, &pc, 8))
			log_around(pc, 4 * BLOCK);
	}
}

/* ---- a walk ---- */

static bool set_stage(struct stage *stage, const struct scene *scene,
		      const struct recorded_sample *s)
{
	struct process *p = &stage->process;

	p->pid = p->memory.pid = scene->pid;
	p->pidfd = -1;
	p->symbols = scene->symbols;
	p->native_frames = id_map_of(1024);
	stage->model = model_new();
	stage->identities = identities_of(stage->model, 1024);
	naming_init(&stage->naming, stage->model, false, NULL);
	stage->naming.now_ms = NOW_MS;
	p->functions = functions_new(&stage->identities);
	if (!stage->model || !p->functions)
		return false;
	for (size_t i = 0; i < s->vm_count; i++) {
		struct lua_vm *vm = malloc(sizeof(*vm));

		if (!vm)
			exit(1);
		*vm = s->vms[i];
		vm->memory.pid = scene->pid;
		vm->jit = jit_new(&vm->memory, &vm->layout, vm->global);
		vm->catalogue = scene->vms ? scene->vms[i]->catalogue : catalogue_new();
		vm->catalogue_read_ms = NOW_MS;
		if (!vm->jit || !vm->catalogue)
			return false;
		jit_begin(vm->jit, NOW_MS);
		p->vms[p->vm_count++] = vm;
	}
	return true;
}

static void clear_stage(struct stage *stage, const struct scene *scene,
			const struct recorded_sample *s)
{
	struct process *p = &stage->process;

	for (size_t i = 0; i < p->vm_count; i++) {
		/* The sample's VMs have the live VMs' own. */
		if (scene->vms && i < s->vm_count)
			p->vms[i]->catalogue = NULL;
		vm_free(p->vms[i]);
	}
	functions_free(p->functions);
	id_map_free(&p->native_frames);
	identities_free(&stage->identities);
	naming_free(&stage->naming);
	model_free(stage->model);
}

bool scene_walk(const struct scene *scene, struct recorded_sample *s, struct scene_result *result)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	struct user_walker_output output = {put, stage};
	struct thread_image image = {.pid = scene->pid, .tid = scene->pid, .regs = s->regs};
	struct unwind_memory *memory = scene->memory ? scene->memory : memory_of(s);
	struct sampled_process described;

	if (!stage)
		exit(1);
	*result = (struct scene_result){0};
	stage->result = result;
	target_use(s, scene->memory != NULL, scene->pid);
	if (set_stage(stage, scene, s)) {
		memset(memory->cache, 0, sizeof(memory->cache));
		process_describe(&stage->process, &described);
		described.space = (uint32_t)scene->slot + 1;
		user_walker_open(memory, &output);
		user_walker_describe(scene->pid, &described);
		user_walker_take(&image);
		result->text = text_of(stage, result);
		user_walker_close();
		if (scene->memory) {
			take_rules(s, memory);
			log_more(s, result);
		}
	}
	clear_stage(stage, scene, s);
	target_use(NULL, false, 0);
	if (!scene->memory)
		unwind_memory_free(memory);
	free(stage);
	return result->text != NULL;
}
