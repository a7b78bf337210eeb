// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Takes one sample of a thread: its user registers, which Lua VM it runs, that VM's stack, the
 * kernel's. Runs on 5.10 and later: no bpf_loop; loops are bounded and sit in global functions,
 * which the verifier checks once each, not once a call.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "sampler/arch.h"
#include "sampler/sample.h"

#define WALK_READ(dst, size, address)                                                              \
	bpf_probe_read_user((dst), (size), (const void *)(unsigned long)(address))
#include "sampler/walk.h"
#include "sampler/task_regs.bpf.h"

#define FRAMES_PER_CALL 8
#define PAYLOAD_SIZE                                                                               \
	(SAMPLE_FRAMES * sizeof(struct sample_frame) + (SAMPLE_KERNEL + SAMPLE_WORDS) * 8)
/* What is kept of prototypes is read again after 2^27 ns, 134 ms. */
#define CACHE_SHIFT 27
#define SCAN_WORDS 64
#define SCAN_CHUNKS 256
/* The stack of a thread is never larger in practice; a C frame farther away is another thread's. */
#define STACK_REACH (16ULL << 20)

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Of the probe's pid namespace, so that pids mean what it means by them; 0: the initial one. */
const volatile __u64 namespace_device = 0;
const volatile __u64 namespace_inode = 0;

struct scratch {
	struct sample head;
	__u8 payload[PAYLOAD_SIZE];
	struct sample_frame spare; /* where a frame goes that may turn out to be none */
	struct walk walk;
	struct walk_cache cache;
	struct lua_head lua;
	struct sampled_vm vm;
	__u64 regs_base;
	__u64 regs_pc;
	__u64 chunk[SCAN_WORDS];
	__u64 found; /* the C frame that a scan of the stack found */
	__u32 process;
	__u32 by_frame; /* lua_state is from the C frame on top of the stack */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sampler_counts);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct sampled_process);
} processes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} samples SEC(".maps");

static __always_inline struct scratch *scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

static __always_inline int thread_has_cframe(struct scratch *s, __u64 lua_state, __u64 cframe)
{
	return lua_state && !WALK_READ(&s->lua, sizeof(s->lua), lua_state) &&
	       s->lua.gct == WALK_THREAD && (s->lua.cframe & ~3ULL) == cframe;
}

/*
 * The VM whose thread this is becomes the sample's. One that nobody told us of, such as a VM made
 * for a single request, runs the same machine code as the first one: then it is the same build,
 * with the same offsets.
 */
static __always_inline int take_vm(struct scratch *s, struct sampled_process *p, __u64 lua_state)
{
	__u32 i;

	s->head.lua_state = lua_state;
	s->head.global = s->lua.global;
	s->head.cframe = s->lua.cframe & ~3ULL;
	for (i = 0; i < SAMPLE_VMS; i++) {
		if (i >= p->vms)
			break;
		if (p->vm[i].global != s->lua.global)
			continue;
		s->vm = p->vm[i];
		return 1;
	}
	s->head.flags |= SAMPLE_NEW_VM;
	s->vm = p->vm[0];
	s->vm.global = s->lua.global;
	return 1;
}

/* One chunk of the thread's stack: is there a call of C by the interpreter in it? Sets `found`. */
__noinline int scan_chunk(__u32 chunk)
{
	struct scratch *s = scratch();
	__u64 at, lua_state, cframe;
	int i;

	if (!s)
		return -1;
	at = s->head.sp + (__u64)chunk * (SCAN_WORDS - 1) * 8;
	if (WALK_READ(s->chunk, sizeof(s->chunk), at))
		return -1;
	for (i = 1; i < SCAN_WORDS; i++) {
		if (CALL_IN_SCAN(s->chunk, i) - s->vm.code_start >=
		    s->vm.code_end - s->vm.code_start)
			continue;
		cframe = CFRAME_OF_CALL(at + i * 8, s->chunk, i);
		if (WALK_READ(&lua_state, 8, cframe + CFRAME_L))
			continue;
		if (thread_has_cframe(s, lua_state, cframe)) {
			s->found = lua_state;
			return 1;
		}
	}
	return 0;
}

/* cur_L may lie while C code runs that came back from another coroutine: look at the stack itself.
 */
static __always_inline int scan_stack(struct scratch *s, struct sampled_process *p)
{
	int i, found;

	s->vm = p->vm[0];
	for (i = 0; i < SCAN_CHUNKS; i++) {
		found = scan_chunk(i);
		if (found < 0)
			return 0;
		if (!found)
			continue;
		s->head.flags |= SAMPLE_SCANNED;
		return take_vm(s, p, s->found);
	}
	return 0;
}

/* The VM's first and last instructions for a call from C: the thread has no C frame yet, or no
 * longer. */
static __always_inline int is_entered_or_left(struct scratch *s, struct sampled_process *p,
					      __u64 lua_state)
{
	return lua_state && !WALK_READ(&s->lua, sizeof(s->lua), lua_state) &&
	       s->lua.gct == WALK_THREAD && !s->lua.cframe && s->lua.global == p->vm[0].global;
}

/* Which lua_State runs on this thread? 1: head.lua_state, head.cframe, lua and vm are filled in. */
static __always_inline int find_lua_state(struct scratch *s, struct sampled_process *p)
{
	__u64 words[1 + CFRAME_SLACK], lua_state, at, back;
	__u32 i, in_vm = 0;

	if (!p->vms)
		return 0;
	for (i = 0; i < SAMPLE_VMS; i++) {
		if (i >= p->vms)
			break;
		if (s->head.ip - p->vm[i].code_start < p->vm[i].code_end - p->vm[i].code_start)
			in_vm = 1;
	}
	if (in_vm) {
		s->head.flags |= SAMPLE_IN_VM;
		if (!WALK_READ(words, sizeof(words), s->head.sp + CFRAME_L)) {
			for (i = 0; i < 1 + CFRAME_SLACK; i++) {
				if (!thread_has_cframe(s, words[i], s->head.sp + i * 8))
					continue;
				s->by_frame = 1;
				return take_vm(s, p, words[i]);
			}
			if (is_entered_or_left(s, p, words[0]))
				return take_vm(s, p, words[0]);
		}
	}
	for (i = 0; i < SAMPLE_VMS; i++) {
		if (i >= p->vms)
			break;
		if (WALK_READ(&lua_state, 8, p->vm[i].global + p->vm[i].cur_l) || !lua_state ||
		    WALK_READ(&s->lua, sizeof(s->lua), lua_state) || s->lua.gct != WALK_THREAD)
			continue;
		at = s->lua.cframe & ~3ULL;
		if (at < s->head.sp || at - s->head.sp > STACK_REACH ||
		    WALK_READ(&back, 8, at + CFRAME_L) || back != lua_state)
			continue;
		return take_vm(s, p, lua_state);
	}
	return scan_stack(s, p);
}

static __always_inline int in_stack(struct scratch *s, __u64 base)
{
	return !(base & 7) && base > s->lua.stack + 8 &&
	       base <= s->lua.stack + 8 * (__u64)s->lua.size;
}

static __always_inline int is_base(struct scratch *s, __u64 base)
{
	__u64 function;

	return in_stack(s, base) && !WALK_READ(&function, 8, base - 16) &&
	       LUA_IS_FUNCTION(function);
}

/* Is `pc` in the bytecode of the Lua function at `base`? -1: no Lua function. */
static __always_inline int pc_in_function(__u64 base, __u64 pc)
{
	struct lua_function f;
	__u64 function;
	__u32 size;

	if (WALK_READ(&function, 8, base - 16) ||
	    WALK_READ(&f, sizeof(f), LUA_POINTER(function) + 8) || f.gct != WALK_FUNCTION ||
	    f.ffid || WALK_READ(&size, 4, f.pc - LUA_PROTO_SIZE + 0xc))
		return -1;
	return pc - f.pc <= (__u64)size * 4;
}

/* The base of the function whose call instruction is behind `pc`, where `base` is its callee's; or
 * 0. */
static __always_inline __u64 caller_base(struct scratch *s, __u64 base, __u64 pc)
{
	__u32 instruction;

	if (WALK_READ(&instruction, 4, pc - 4))
		return 0;
	base -= 16 + 8 * (__u64)((instruction >> 8) & 0xff);
	return is_base(s, base) && pc_in_function(base, pc) > 0 ? base : 0;
}

/* The leaf is in the interpreter's own code: its registers know more than the VM's memory. */
static __always_inline __u64 interpreter_base(struct scratch *s, __u64 *pc)
{
	__u64 base = s->regs_base, caller = 0, link;
	int inside = 0;

	*pc = 0;
	if (is_base(s, base)) {
		inside = pc_in_function(base, s->regs_pc);
		if (inside < 0)
			return base;
		/* If it is not inside, a call or a return is in flight: the position is the
		 * caller's. */
		if (!inside)
			caller = caller_base(s, base, s->regs_pc);
	} else {
		/* A built-in that returns puts its result where its function was; its link is still
		 * there. */
		if (!in_stack(s, base) || WALK_READ(&link, 8, base - 8) || link != s->regs_pc)
			return s->lua.base;
		base = s->lua.base;
		caller = caller_base(s, s->regs_base, link);
	}
	if (!inside && !caller)
		return base;
	*pc = s->regs_pc;
	s->head.flags |= SAMPLE_LEAF_SURE;
	return caller ? caller : base;
}

static __always_inline void begin_walk(struct scratch *s)
{
	struct sample *h = &s->head;
	__u64 base = s->lua.base, pc = 0;

	WALK_READ(&h->vm_state, 4, s->vm.global + s->vm.vm_state);
	WALK_READ(&h->jit_base, 8, s->vm.global + s->vm.jit_base);
	if (s->by_frame && h->vm_state != LUA_STATE_C) {
		base = interpreter_base(s, &pc);
	} else if (h->jit_base && h->vm_state >= LUA_STATE_GC && h->vm_state != LUA_STATE_C) {
		/* The state is still the interpreter's at the start of a trace, and says GC if that
		 * runs. */
		base = h->jit_base;
		h->flags |= SAMPLE_ON_TRACE;
	} else {
		if (WALK_READ(&pc, 8, h->cframe + CFRAME_PC) || pc == h->lua_state)
			pc = 0;
		if (pc)
			h->flags |= SAMPLE_LEAF_SURE;
	}
	walk_begin(&s->walk, h->lua_state, &s->lua, base, pc, h->cframe);
	s->walk.joins = 0;
}

/*
 * A global function must have its argument, or the verifier refuses the call; without this the
 * compiler, which sees that it goes unused, leaves the register as it is.
 */
#define KEEP(argument) asm volatile("" ::"r"(argument))

/* Some frames of the walk, on from one coroutine to the one below. 1: there are no more. */
__noinline int walk_frames(__u32 unused)
{
	struct scratch *s = scratch();
	struct sample_frame *out;
	int i, filled;
	__u32 n;

	KEEP(unused);
	if (!s)
		return 1;
	for (i = 0; i < FRAMES_PER_CALL; i++) {
		n = s->head.frames;
		if (n >= SAMPLE_FRAMES)
			return 1;
		out = (struct sample_frame *)s->payload + n;
		if (s->walk.state == WALK_GOES_ON)
			filled = walk_step(&s->walk, &s->cache, out);
		else if (s->walk.state == WALK_BOTTOM)
			filled = walk_join(&s->walk, out, &s->lua, &s->vm);
		else
			return 1;
		if (filled)
			s->head.frames = n + 1;
	}
	return 0;
}

/*
 * Written out, since 5.10 refuses a loop that the compiler enters behind a call. Steps that find no
 * frame (the halves of vararg frames, bottoms) need some calls more than the frames do.
 */
#define WALK_1                                                                                     \
	if (walk_frames(0))                                                                        \
		goto walked;
#define WALK_4 WALK_1 WALK_1 WALK_1 WALK_1
#define WALK_ALL WALK_4 WALK_4 WALK_4 WALK_4 WALK_4 WALK_4
_Static_assert(24 * FRAMES_PER_CALL > SAMPLE_FRAMES + 32, "steps for all frames");

static __always_inline void walk_lua(struct scratch *s)
{
	s->cache.window_start = 0;
	begin_walk(s);
	WALK_ALL
walked:
	if (s->walk.state == WALK_BROKEN)
		s->head.flags |= SAMPLE_BROKEN;
	else if (s->walk.state != WALK_ENDED)
		s->head.flags |= SAMPLE_TRUNCATED;
}

/* The verifier of 5.10 does not follow a bound through 32-bit arithmetic: say it in its own terms.
 */
#define BOUND(offset) asm volatile("%0 &= 4095" : "+r"(offset))
_Static_assert(PAYLOAD_SIZE <= 4096, "offsets into the payload");

/* The kernel's stack, then the words below the interpreter's frame that tell where JIT code called
 * C. */
static __always_inline __u64 append(struct scratch *s, void *ctx, int in_kernel)
{
	__u64 offset = s->head.frames * sizeof(struct sample_frame);
	long size;

	if (in_kernel && offset <= SAMPLE_FRAMES * sizeof(struct sample_frame)) {
		BOUND(offset);
		size = bpf_get_stack(ctx, s->payload + offset, SAMPLE_KERNEL * 8, 0);
		if (size > 0 && size <= SAMPLE_KERNEL * 8) {
			s->head.kernel = (__u64)size / 8;
			offset += (__u64)size & ~7ULL;
			if (size == SAMPLE_KERNEL * 8)
				s->head.flags |= SAMPLE_KERNEL_CUT;
		}
	}
	if ((s->head.flags & SAMPLE_ON_TRACE) && offset <= PAYLOAD_SIZE - SAMPLE_WORDS * 8) {
		BOUND(offset);
		if (!WALK_READ(s->payload + offset, SAMPLE_WORDS * 8,
			       s->head.cframe - JIT_FRAME - SAMPLE_WORDS * 8)) {
			s->head.words = SAMPLE_WORDS;
			offset += SAMPLE_WORDS * 8;
		}
	}
	BOUND(offset);
	return sizeof(struct sample) + offset;
}

static __always_inline struct sampled_process *current_process(struct scratch *s)
{
	struct bpf_pidns_info info;
	__u64 id;

	if (namespace_inode &&
	    !bpf_get_ns_current_pid_tgid(namespace_device, namespace_inode, &info, sizeof(info))) {
		s->head.pid = info.tgid;
		s->head.tid = info.pid;
	} else {
		id = bpf_get_current_pid_tgid();
		s->head.pid = id >> 32;
		s->head.tid = (__u32)id;
	}
	return bpf_map_lookup_elem(&processes, &s->head.pid);
}

SEC("perf_event")
int sample_thread(void *ctx)
{
	__u64 began = bpf_ktime_get_ns();
	struct scratch *s = scratch();
	struct sampled_process *p;
	struct sampler_counts *c;
	__u32 zero = 0;
	__u64 size;
	int in_kernel;

	c = bpf_map_lookup_elem(&counts, &zero);
	if (!s || !c)
		return 0;
	__builtin_memset(&s->head, 0, sizeof(s->head));
	s->by_frame = 0;
	p = current_process(s);
	if (!p)
		return 0;
	s->cache.now = (__u64)s->head.pid << 32 | (__u32)(began >> CACHE_SHIFT);
	in_kernel = take_user_regs(ctx, &s->head, &s->regs_base, &s->regs_pc);
	if (!(s->head.flags & SAMPLE_NO_REGS) && find_lua_state(s, p))
		walk_lua(s);
	size = append(s, ctx, in_kernel);
	c->samples++;
	if (s->head.flags & SAMPLE_TRUNCATED)
		c->truncated++;
	if (bpf_ringbuf_output(&samples, &s->head, size, BPF_RB_NO_WAKEUP))
		c->lost++;
	c->run_ns += bpf_ktime_get_ns() - began;
	return 0;
}
