/* SPDX-License-Identifier: MIT */
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* ---- growing ---- */

static void *more(void *items, size_t count, size_t size)
{
	/* By powers of two, each when it is reached. */
	if (count & (count - 1))
		return items;
	items = realloc(items, (count ? count * 2 : 1) * size);
	if (!items) {
		fputs("Out of memory.\n", stderr);
		exit(1);
	}
	return items;
}

struct recorded_sample *recording_add(struct recording *r)
{
	r->samples = more(r->samples, r->count, sizeof(*r->samples));
	return memset(&r->samples[r->count++], 0, sizeof(*r->samples));
}

void sample_add_block(struct recorded_sample *s, const struct recorded_block *block)
{
	s->blocks = more(s->blocks, s->block_count, sizeof(*s->blocks));
	s->blocks[s->block_count++] = *block;
}

void sample_add_rule(struct recorded_sample *s, uint64_t address, uint32_t rule)
{
	s->rules = more(s->rules, s->rule_count, sizeof(*s->rules));
	s->rules[s->rule_count++] = (struct recorded_rule){address, rule};
}

void sample_add_name(struct recorded_sample *s, const struct recorded_name *name)
{
	struct recorded_name copy = *name;

	copy.name = strdup(name->name);
	copy.file = strdup(name->file);
	if (!copy.name || !copy.file)
		exit(1);
	s->names = more(s->names, s->name_count, sizeof(*s->names));
	s->names[s->name_count++] = copy;
}

void sample_free(struct recorded_sample *s)
{
	for (size_t i = 0; i < s->name_count; i++) {
		free(s->names[i].name);
		free(s->names[i].file);
	}
	free(s->names);
	free(s->rules);
	free(s->blocks);
	memset(s, 0, sizeof(*s));
}

void recording_free(struct recording *r)
{
	while (r->count)
		sample_free(&r->samples[--r->count]);
	free(r->samples);
	r->samples = NULL;
}

/* ---- the VM's description, field by field, so that a build may have more of them ---- */

#define FIELD(member)                                                                              \
	{                                                                                          \
#member, offsetof(struct lua_vm, member), sizeof(((struct lua_vm *)0)->member)     \
	}

static const struct field {
	const char *name;
	size_t offset, size;
} fields[] = {
	FIELD(global),
	FIELD(main_thread),
	FIELD(code_start),
	FIELD(code_end),
	FIELD(layout.state_size),
	FIELD(layout.vm_state),
	FIELD(layout.main_thread),
	FIELD(layout.cur_l),
	FIELD(layout.jit_base),
	FIELD(layout.registry),
	FIELD(layout.dispatch),
	FIELD(layout.traces),
	FIELD(layout.string_length),
	FIELD(layout.known),
	FIELD(layout.gc32),
};
#define FIELDS (sizeof(fields) / sizeof(*fields))

static bool set_field(struct lua_vm *vm, const char *text)
{
	const char *equals = strchr(text, '=');
	uint64_t value;

	for (size_t i = 0; equals && i < FIELDS; i++) {
		if (strncmp(text, fields[i].name, (size_t)(equals - text)) ||
		    fields[i].name[equals - text])
			continue;
		value = strtoull(equals + 1, NULL, 16);
		memcpy((char *)vm + fields[i].offset, &value, fields[i].size);
		return true;
	}
	return false;
}

/* ---- writing ---- */

#if defined(__TARGET_ARCH_x86)
#define MACHINE "x86_64"
#else
#define MACHINE "aarch64"
#endif
#define HEAD "acupoint walks 1 " MACHINE
#define REGISTERS (sizeof(struct user_regs) / 8)

static void write_sample(gzFile out, const struct recorded_sample *s)
{
	const uint64_t *regs = (const uint64_t *)&s->regs;

	gzputs(out, "sample\nregs");
	for (size_t i = 0; i < REGISTERS; i++)
		gzprintf(out, "\t%llx", (unsigned long long)regs[i]);
	for (size_t i = 0; i < s->vm_count; i++) {
		gzputs(out, "\nvm");
		for (size_t k = 0; k < FIELDS; k++) {
			uint64_t value = 0;

			memcpy(&value, (const char *)&s->vms[i] + fields[k].offset, fields[k].size);
			gzprintf(out, "\t%s=%llx", fields[k].name, (unsigned long long)value);
		}
	}
	for (size_t i = 0; i < s->rule_count; i++)
		gzprintf(out, "\nrule\t%llx\t%x", (unsigned long long)s->rules[i].address,
			 s->rules[i].rule);
	for (size_t i = 0; i < s->name_count; i++) {
		const struct recorded_name *n = &s->names[i];

		gzprintf(out, "\nname\t%c\t%llx\t%llx\t%d\t%s\t%s", n->kind,
			 (unsigned long long)n->a, (unsigned long long)n->b, n->approximate,
			 n->name, n->file);
	}
	for (size_t i = 0; i < s->block_count; i++) {
		gzprintf(out, "\nmem\t%llx\t", (unsigned long long)s->blocks[i].address);
		for (size_t k = 0; k < BLOCK; k++)
			gzprintf(out, "%02x", s->blocks[i].bytes[k]);
	}
	gzputs(out, "\n");
}

bool recording_save(const struct recording *r, const char *path)
{
	gzFile out = gzopen(path, "wb9");

	if (!out) {
		perror(path);
		return false;
	}
	gzputs(out, HEAD "\n");
	for (size_t i = 0; i < r->count; i++)
		write_sample(out, &r->samples[i]);
	return gzclose(out) == Z_OK;
}

/* ---- reading ---- */

/* The next word of a line; "" where there is none. */
static char *word(char **rest)
{
	char *found = strsep(rest, "\t");

	return found ? found : (char *)"";
}

static uint64_t number(char **rest)
{
	return strtoull(word(rest), NULL, 16);
}

static bool read_block(struct recorded_sample *s, char **rest)
{
	struct recorded_block block = {.address = number(rest)};
	const char *hex = word(rest);
	unsigned int byte;

	for (size_t i = 0; i < BLOCK; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return false;
		block.bytes[i] = (uint8_t)byte;
	}
	sample_add_block(s, &block);
	return true;
}

static bool read_vm(struct recorded_sample *s, char **rest)
{
	if (s->vm_count == SAMPLE_VMS)
		return false;
	while (*rest) {
		if (!set_field(&s->vms[s->vm_count], word(rest)))
			return false;
	}
	s->vm_count++;
	return true;
}

static bool read_line(struct recording *r, char *line)
{
	struct recorded_sample *s = r->count ? &r->samples[r->count - 1] : NULL;
	const char *what = word(&line);

	if (!strcmp(what, "sample"))
		return recording_add(r) != NULL;
	if (!s)
		return false;
	if (!strcmp(what, "mem"))
		return read_block(s, &line);
	if (!strcmp(what, "vm"))
		return read_vm(s, &line);
	if (!strcmp(what, "regs")) {
		for (size_t i = 0; i < REGISTERS; i++)
			((uint64_t *)&s->regs)[i] = number(&line);
	} else if (!strcmp(what, "rule")) {
		uint64_t address = number(&line);

		sample_add_rule(s, address, (uint32_t)number(&line));
	} else if (!strcmp(what, "name")) {
		struct recorded_name n = {.kind = (enum name_kind)word(&line)[0]};

		n.a = number(&line);
		n.b = number(&line);
		n.approximate = number(&line);
		n.name = word(&line);
		n.file = word(&line);
		sample_add_name(s, &n);
	} else {
		return false;
	}
	return true;
}

bool recording_load(struct recording *r, const char *path)
{
	static char line[64 * 1024];
	gzFile in = gzopen(path, "rb");
	size_t at = 0;
	bool good = true;

	memset(r, 0, sizeof(*r));
	if (!in) {
		perror(path);
		return false;
	}
	while (good && gzgets(in, line, sizeof(line))) {
		line[strcspn(line, "\n")] = '\0';
		good = at++ ? read_line(r, line) : !strcmp(line, HEAD);
	}
	gzclose(in);
	if (!good || !at)
		fprintf(stderr,
			"%s, line %zu: not what this program writes, or of another machine "
			"(this one reads \"" HEAD "\").\n",
			path, at);
	return good && at;
}
