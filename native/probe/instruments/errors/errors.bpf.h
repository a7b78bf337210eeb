/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Runs where an exception is thrown, where Lua ends a request, and where a line goes to the error
 * log. All three are one program: the address of the uprobe tells which it is. The sampler may
 * interrupt it, so it is loaded for itself.
 */
#ifndef ACUPOINT_ERRORS_BPF_H
#define ACUPOINT_ERRORS_BPF_H

#include "instruments/errors/error_watch.h"

/* "LUAJIT2", behind which a byte says which error it is. */
#define LUAJIT_CLASS 0x4c55414a49543200ULL
#define ERROR_OF_MEMORY 4
/* Behind _Unwind_Exception, in builds since 2021. */
enum { EXCEPTION_CLASS = 0, EXCEPTION_GLOBAL = 4, EXCEPTION_WORDS = 5 };
/* In lua_State. */
enum { STATE_VM = 0x10, STATE_TOP = 0x28, STATE_VM_32 = 0x08, STATE_TOP_32 = 0x18 };
enum { STATE_REQUEST = 0x60, STATE_REQUEST_32 = 0x40 };
#define STRING_TEXT_64 0x18
#define STRING_TEXT_32 0x10
/* Of the VM: its compiler is at work. */
enum { STATE_RECORDS = ~4, STATE_ASSEMBLES = ~6 };
/* Of headers_out, from headers_in.server on; see requests/request_fields.bpf.h. */
#define ANSWERED_STATUS 0x98

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ERROR_PROCESSES);
	__type(key, __u32);
	__type(value, struct error_place);
} error_places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct error_sums);
} error_sums SEC(".maps");

struct thrown {
	__u64 text;    /* address; 0: the message is no string */
	__u64 request; /* that the thread runs for; 0: none is known */
	__u32 type;
	__u32 code;
	__u32 is_abort;
};

static __always_inline __u64 error_word(__u64 address, __u32 gc32)
{
	__u64 value = 0;

	return WALK_READ(&value, gc32 ? 4 : 8, address) ? 0 : value;
}

/* The Lua thread that runs in the VM; 0 where there is no VM. */
static __always_inline __u64 thread_of_vm(__u64 global, const struct sampled_vm *vm)
{
	__u64 state = global ? error_word(global + vm->cur_l, vm->gc32) : 0;

	if (!state || error_word(state + (vm->gc32 ? STATE_VM_32 : STATE_VM), vm->gc32) != global)
		return 0;
	return state;
}

static __always_inline void read_value(struct thrown *t, __u64 value, __u32 gc32)
{
	__s32 type = ~(gc32 ? (__s32)(value >> 32) : (__s32)((__s64)value >> 47));

	t->type = type >= 0 && type < ERROR_NUMBER ? type : ERROR_NUMBER;
	if (t->type != ERROR_STRING)
		return;
	t->text = gc32 ? (value & 0xffffffff) + STRING_TEXT_32
		       : (value & 0x7fffffffffffULL) + STRING_TEXT_64;
}

/*
 * The message is on top of the stack of the thread that runs. The compiler throws numbers while it
 * works; what Lua code throws while a trace is recorded is no number then, since error() is C.
 * Where memory ran out in that state, the compiler is taken to have asked for it.
 */
static __attribute__((noinline)) int read_thrown(__u32 pid, struct thrown *t)
{
	struct sampled_process *p = bpf_map_lookup_elem(&processes, &pid);
	__u64 value, top, global, state;
	const struct sampled_vm *vm;
	__s32 vm_state = 0;

	if (!p || !t)
		return 0;
	vm = &p->vm[0];
	global = t->text;
	t->text = 0;
	if (!p->vms)
		return 0;
	state = thread_of_vm(global, vm);
	if (!state) {
		global = vm->global;
		state = thread_of_vm(global, vm);
	}
	if (!state || WALK_READ(&top, 8, state + (vm->gc32 ? STATE_TOP_32 : STATE_TOP)) ||
	    WALK_READ(&value, 8, top - 8))
		return 0;
	read_value(t, value, vm->gc32);
	if (vm->exdata)
		t->request =
			error_word(state + (vm->gc32 ? STATE_REQUEST_32 : STATE_REQUEST), vm->gc32);
	WALK_READ(&vm_state, sizeof(vm_state), global + vm->vm_state);
	t->is_abort = (t->type == ERROR_NUMBER || t->code == ERROR_OF_MEMORY) &&
		      vm_state <= STATE_RECORDS && vm_state >= STATE_ASSEMBLES;
	return 0;
}

/* 0: it is Lua's, thrown by Lua code. */
static __always_inline int look_at_exception(struct user_regs *ctx, struct error_sums *sums,
					     __u32 pid, struct thrown *t)
{
	__u64 words[EXCEPTION_WORDS];

	if (WALK_READ(words, sizeof(words), REGS_ARGUMENT_1(ctx)) ||
	    (words[EXCEPTION_CLASS] & ~0xffULL) != LUAJIT_CLASS) {
		__sync_fetch_and_add(&sums->foreign, 1);
		return 1;
	}
	t->text = words[EXCEPTION_GLOBAL];
	t->code = words[EXCEPTION_CLASS] & 0xff;
	read_thrown(pid, t);
	if (!t->is_abort)
		return 0;
	__sync_fetch_and_add(&sums->aborts, 1);
	return 1;
}

static __always_inline __u32 read_answered(__u32 pid, __u64 request)
{
	struct sampled_process *p = bpf_map_lookup_elem(&processes, &pid);
	__u64 status = 0;

	if (!p || !p->request.server || !request ||
	    WALK_READ(&status, 8, request + p->request.server + ANSWERED_STATUS) || status > 999)
		return ERROR_ANSWER_UNKNOWN;
	return status;
}

static __always_inline void read_error_text(struct error_event *e, __u64 address)
{
	long length = address ? bpf_probe_read_user_str(e->text, ERROR_TEXT, (void *)address) : 0;

	e->length = length > 0 ? length : 0;
}

static __always_inline int send_event(struct user_regs *ctx, __u32 kind, __u64 serial, __u32 pid,
				      __u32 tid, const struct thrown *t)
{
	struct error_event *e = bpf_ringbuf_reserve(&samples, sizeof(*e), 0);

	if (!e)
		return -1;
	e->zero = 0;
	e->kind = kind;
	e->pid = pid;
	e->tid = tid;
	e->serial = serial;
	e->arguments[0] = e->arguments[1] = 0;
	e->answered = 0;
	e->length = 0;
	if (kind == ERROR_THROWN) {
		e->code = t->type;
		e->subject = t->text;
		e->answered = read_answered(pid, t->request);
		read_error_text(e, t->text);
	} else if (kind == ERROR_EXIT) {
		e->subject = REGS_ARGUMENT_1(ctx);
		e->code = (__u32)REGS_ARGUMENT_2(ctx);
		e->answered = read_answered(pid, e->subject);
	} else {
		e->code = (__u32)REGS_ARGUMENT_1(ctx);
		e->subject = REGS_ARGUMENT_4(ctx);
		e->arguments[0] = REGS_ARGUMENT_5(ctx);
		e->arguments[1] = REGS_ARGUMENT_6(ctx);
		read_error_text(e, e->subject);
	}
	bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
	return 0;
}

enum { NOTICED = 0, NOT_WALKED, NOT_TRACED };

/*
 * Counts a hit and sends what it says. A function of its own, whose part of the stack is free when
 * the walk begins: 5.10 has 512 bytes for all.
 */
static __attribute__((noinline)) int notice(struct user_regs *ctx, __u64 serial)
{
	struct thrown t = {.type = ERROR_UNREAD};
	__u64 ip = REGS_IP(ctx);
	struct error_place *place;
	__u32 pid, tid, zero = 0, kind;
	struct error_sums *sums = bpf_map_lookup_elem(&error_sums, &zero);

	current_ids(&pid, &tid);
	place = bpf_map_lookup_elem(&error_places, &pid);
	if (!sums || !place)
		return NOT_TRACED;
	if (ip == place->at[ERROR_THROWN]) {
		kind = ERROR_THROWN;
		__sync_fetch_and_add(&sums->hits[ERROR_THROWN], 1);
		if (look_at_exception(ctx, sums, pid, &t))
			return NOT_WALKED;
	} else if (ip == place->at[ERROR_EXIT]) {
		kind = ERROR_EXIT;
		__sync_fetch_and_add(&sums->hits[ERROR_EXIT], 1);
	} else {
		kind = ERROR_LOGGED;
		__sync_fetch_and_add(&sums->hits[ERROR_LOGGED], 1);
	}
	if (!send_event(ctx, kind, serial, pid, tid, &t))
		return NOTICED;
	__sync_fetch_and_add(&sums->lost, 1);
	return NOT_WALKED;
}

SEC("kprobe")
int watch_error(struct user_regs *ctx)
{
	__u64 serial = bpf_ktime_get_ns();
	int noticed = notice(ctx, serial), lost;
	struct error_sums *sums;
	__u32 zero = 0;

	if (noticed == NOT_TRACED)
		return 0;
	lost = noticed == NOTICED && take(ctx, SAMPLE_ERROR, serial, TAKE_USER);
	sums = bpf_map_lookup_elem(&error_sums, &zero);
	if (!sums)
		return 0;
	if (lost)
		__sync_fetch_and_add(&sums->unwalked, 1);
	__sync_fetch_and_add(&sums->run_ns, bpf_ktime_get_ns() - serial);
	return 0;
}

#endif
