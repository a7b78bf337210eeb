/* SPDX-License-Identifier: MIT */
#include "sample_bytes.h"

#include <stdlib.h>
#include <string.h>

#define BLOCKS_MAX 2048
#define RULES_MAX 160

/* One VM, one rule and one block; native numbers, no padding. */
struct flat_vm {
	uint64_t global, main_thread, code_start, code_end;
	struct layout layout;
};
struct flat_head {
	struct user_regs regs;
	struct flat_vm vm;
	uint64_t rules;
};

bool sample_of_bytes(const uint8_t *data, size_t size, struct recorded_sample *out)
{
	struct flat_head head;
	struct recorded_rule rule;
	struct recorded_block block;
	uint8_t gc32;

	memset(out, 0, sizeof(*out));
	if (size < sizeof(head))
		return false;
	memcpy(&head, data, sizeof(head));
	data += sizeof(head);
	size -= sizeof(head);
	out->regs = head.regs;
	out->vm_count = 1;
	out->vms[0].global = head.vm.global;
	out->vms[0].main_thread = head.vm.main_thread;
	out->vms[0].code.start = head.vm.code_start;
	out->vms[0].code.end = head.vm.code_end;
	out->vms[0].layout = head.vm.layout;
	/* layout_derive() gives one of these. */
	out->vms[0].layout.string_length = head.vm.layout.string_length & 4 ? 0x14 : 0x10;
	out->vms[0].layout.known = true;
	/* A byte that is no bool may not be read as one. */
	memcpy(&gc32, &head.vm.layout.gc32, sizeof(gc32));
	out->vms[0].layout.gc32 = gc32 & 1;
	for (; head.rules && size >= sizeof(rule) && out->rule_count < RULES_MAX; head.rules--) {
		memcpy(&rule, data, sizeof(rule));
		sample_add_rule(out, rule.address, rule.rule);
		data += sizeof(rule);
		size -= sizeof(rule);
	}
	while (size >= sizeof(block) && out->block_count < BLOCKS_MAX) {
		memcpy(&block, data, sizeof(block));
		block.address &= ~(BLOCK - 1ULL);
		sample_add_block(out, &block);
		data += sizeof(block);
		size -= sizeof(block);
	}
	return true;
}

uint8_t *sample_to_bytes(const struct recorded_sample *s, size_t *size)
{
	const struct lua_vm *vm = &s->vms[0];
	struct flat_head head = {.regs = s->regs, .rules = s->rule_count};
	uint8_t *bytes, *at;

	head.vm = (struct flat_vm){vm->global, vm->main_thread, vm->code.start, vm->code.end,
				   vm->layout};
	*size = sizeof(head) + s->rule_count * sizeof(*s->rules) +
		s->block_count * sizeof(*s->blocks);
	at = bytes = malloc(*size);
	if (!bytes)
		exit(1);
	memcpy(at, &head, sizeof(head));
	at += sizeof(head);
	if (s->rule_count)
		memcpy(at, s->rules, s->rule_count * sizeof(*s->rules));
	at += s->rule_count * sizeof(*s->rules);
	if (s->block_count)
		memcpy(at, s->blocks, s->block_count * sizeof(*s->blocks));
	return bytes;
}
