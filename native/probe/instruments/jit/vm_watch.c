/* SPDX-License-Identifier: MIT */
#include "instruments/jit/vm_watch.h"

#include <string.h>

enum {
	/* One look finds the functions of so many aborts; the others wait for the next look. */
	SEARCHES = 16,
	/* A look may meet the VM in the middle of a change. */
	FAILURES_ENOUGH = 20,
};

void vm_watch_init(struct vm_watch *w, const struct lua_vm *vm)
{
	*w = (struct vm_watch){.pid = vm->memory.pid, .global = vm->global, .missing = ""};
	given_up_init(&w->given_up);
}

void vm_watch_free(struct vm_watch *w)
{
	given_up_free(&w->given_up);
}

static bool forgot_penalties(const struct compiler *before, const struct compiler *now)
{
	for (size_t i = 0; i < PENALTY_SLOTS; i++)
		if (before->penalties[i].pc && !now->penalties[i].pc)
			return true;
	return false;
}

/* Where there was none, code may have come and gone since the last look. */
static bool lost_code(const struct compiler *before, const struct compiler *now)
{
	if (!now->code_area)
		return now->code_top != before->code_top;
	return now->code_bytes < before->code_bytes ||
	       (before->code_area && before->code_area != now->code_area &&
		before->code_mapped >= now->code_mapped);
}

/* Nothing but a flush takes machine code or penalties away. */
static bool has_flushed(const struct compiler *before, const struct compiler *now)
{
	return (before->code_area && !now->code_area) || lost_code(before, now) ||
	       forgot_penalties(before, now);
}

static void find_place(struct known_penalty *k, struct model *m, const struct lua_vm *vm,
		       struct given_up *g, enum blacklisted kind)
{
	struct proto p;
	uint32_t position;

	k->place = place_gone(m);
	if (!proto_around(&vm->memory, &vm->layout, k->pc, &p))
		return;
	position = (uint32_t)((k->pc - p.code) / 4);
	if (!place_in(m, vm, &p, position, &k->place))
		return;
	if (kind && !(p.flags & PROTO_NO_JIT))
		given_up_add(g, m, vm, &p, position, kind);
}

/* `searches`: that are left in this look. */
static void look_at(struct vm_watch *w, struct model *m, const struct lua_vm *vm, size_t slot,
		    int *searches)
{
	const struct penalty *p = &w->last.penalties[slot];
	struct known_penalty *k = &w->known[slot];
	uint32_t aborts = penalty_aborts(p), fresh;
	enum blacklisted kind = BLACKLISTED_NOT;

	if (k->pc != p->pc || aborts < k->aborts - k->given_up)
		*k = (struct known_penalty){.pc = p->pc};
	if (!k->given_up && penalty_is_last(p))
		kind = blacklisted_now(vm, p->pc);
	/* The last abort leaves the value as it is. */
	aborts += kind || k->given_up;
	fresh = aborts - k->aborts;
	if (!fresh || (*searches)-- <= 0)
		return;
	/* Each time: another function may have taken the place of one that was collected. */
	find_place(k, m, vm, &w->given_up, kind);
	k->given_up |= kind != BLACKLISTED_NOT;
	k->aborts = aborts;
	w->aborts += fresh;
	if (!add_aborts(m, w->pid, p->reason, &k->place, fresh))
		w->lost += fresh;
}

void vm_watch_look(struct vm_watch *w, struct model *m, const struct lua_vm *vm, bool fleeting)
{
	static struct compiler now;
	const char *why;
	int searches = SEARCHES;

	if (!compiler_read(vm, w->looked ? &w->last : NULL, &now, &why)) {
		if (++w->failed >= FAILURES_ENOUGH || vm->layout.gc32)
			w->missing = why;
		return;
	}
	w->failed = 0;
	w->missing = "";
	if (w->looked && has_flushed(&w->last, &now)) {
		w->flushes += !fleeting;
		memset(w->known, 0, sizeof(w->known));
	}
	w->looked = true;
	w->last = now;
	for (size_t i = 0; i < PENALTY_SLOTS; i++)
		if (now.penalties[i].pc)
			look_at(w, m, vm, i, &searches);
}
