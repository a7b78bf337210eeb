/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The one way to a sample, in which every program ends: take(). It reads the user registers of the
 * current thread, which Lua VM it runs, that VM's stack, the native stack and the kernel's. Runs on
 * 5.10 and later: no bpf_loop; loops are bounded and sit in global functions, which the verifier
 * checks once each, not once a call. user_walker.c compiles the same for user space, for hosts
 * without BPF.
 */
#ifndef ACUPOINT_TAKE_BPF_H
#define ACUPOINT_TAKE_BPF_H

#include <linux/types.h>
#include <linux/bpf.h>
#if defined(__bpf__)
#include <bpf/bpf_helpers.h>
#else
#include "walk/helpers.h"
#endif

#include "walk/arch.h"
#include "walk/current.bpf.h"
#include "walk/sample.h"

#define WALK_READ(dst, size, address)                                                              \
	bpf_probe_read_user((dst), (size), (const void *)(unsigned long)(address))
#ifndef WALK_ADDRESS_MASK
/* Set before the program is loaded: the bits of addresses, see task_regs.h. */
const volatile __u64 address_mask = ~0ULL;
#define WALK_ADDRESS_MASK address_mask
#endif
#define WALK_READ_STACK(words, count, address) read_stack((words), (count), (address))
static int read_stack(__u64 *words, __u32 count, __u64 address);
#include "walk/walk.h"
#include "walk/native_walk.bpf.h"
#include "walk/scratch.bpf.h"
#include "walk/task_regs.bpf.h"
#include "walk/user_regs.bpf.h"

#define FRAMES_PER_CALL 4
/* Prototypes in the cache are read again after 2^27 ns, 134 ms. */
#define CACHE_SHIFT 27
#define SCAN_CHUNKS 256
/* Most that are read at once of a C frame. */
#define STACK_WORDS 6
/* The stack of a thread is never larger in practice; a C frame farther away is another thread's. */
#define STACK_REACH (16ULL << 20)

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/*
 * A global function must have its argument, or the verifier refuses the call; without this the
 * compiler, which sees that it goes unused, leaves the register as it is.
 */
#define KEEP(argument) asm volatile("" ::"r"(argument))

/* The native walk's window begins at the stack pointer: most of what is wanted is in it. */
static __attribute__((noinline)) int read_stack(__u64 *words, __u32 count, __u64 address)
{
	struct unwind_scratch *u = unwind_scratch();
	__u64 offset;
	__u32 i;

	if (!u)
		return -1;
	offset = address - u->walk.window_at;
	if (offset >= u->walk.window_size || u->walk.window_size - offset < STACK_WORDS * 8 ||
	    (address & 7))
		return WALK_READ(words, 8 * count, address);
	for (i = 0; i < STACK_WORDS && i < count; i++)
		words[i] = u->walk.window[(offset / 8 + i) & (UNWIND_WINDOW - 1)];
	return 0;
}

#include "walk/find_lua.bpf.h"
#include "walk/leaf.bpf.h"
#include "walk/request.bpf.h"
#include "walk/find_request.bpf.h"

/*
 * The steps that follow are functions of their own since the verifier looks at each of those once,
 * and not once in each turn of a loop around them: a start waits for the verifier.
 */

/* Takes those of the walk's next frames that were seen before. */
__noinline int walk_known(__u32 unused)
{
	struct scratch *s = scratch();
	struct walk_paths *known = walk_paths();
	__u32 n;

	KEEP(unused);
	if (!s || !known)
		return 0;
	n = s->head.frames;
	if (n >= SAMPLE_FRAMES)
		return 0;
	s->head.frames =
		n + walk_known_frames(&s->walk, &s->cache, known,
				      (struct sample_frame *)s->payload + n, SAMPLE_FRAMES - n);
	return 0;
}

/* The walk's next frame. */
__noinline int walk_frame(__u32 unused)
{
	struct scratch *s = scratch();
	__u32 n;

	KEEP(unused);
	if (!s)
		return 0;
	n = s->head.frames;
	if (n < SAMPLE_FRAMES &&
	    walk_step(&s->walk, &s->cache, (struct sample_frame *)s->payload + n))
		s->head.frames = n + 1;
	return 0;
}

/* Some frames of the walk, or the way from one coroutine to the one below. 1: there are no more. */
__noinline int walk_frames(__u32 unused)
{
	struct scratch *s = scratch();
	__u32 n;
	int i;

	KEEP(unused);
	if (!s)
		return 1;
	for (i = 0; i < FRAMES_PER_CALL && s->walk.state == WALK_GOES_ON; i++) {
		walk_known(0);
		if (s->head.frames >= SAMPLE_FRAMES)
			return 1;
		walk_frame(0);
	}
	if (s->walk.state != WALK_BOTTOM)
		return s->walk.state != WALK_GOES_ON;
	n = s->head.frames;
	if (n >= SAMPLE_FRAMES)
		return 1;
	if (walk_join(&s->walk, (struct sample_frame *)s->payload + n, &s->lua, &s->vm))
		s->head.frames = n + 1;
	return 0;
}

/*
 * Written out, since 5.10 refuses a loop that the compiler enters behind a call. Where coroutines
 * end and where steps find no frame (the halves of vararg frames) it takes some calls more than the
 * frames do.
 */
#define WALK_1                                                                                     \
	if (walk_frames(0))                                                                        \
		goto walked;
#define WALK_4 WALK_1 WALK_1 WALK_1 WALK_1
#define WALK_16 WALK_4 WALK_4 WALK_4 WALK_4
#define WALK_ALL WALK_16 WALK_16 WALK_16 WALK_16
_Static_assert(64 * FRAMES_PER_CALL >= 2 * SAMPLE_FRAMES, "calls for all frames");

/* The verifier of 5.10 does not follow a bound through 32-bit arithmetic: say it in its own terms.
 */
#if defined(__bpf__)
#define BOUND(offset) asm volatile("%0 &= 8191" : "+r"(offset))
#define BOUND_NATIVE(size) asm volatile("%0 &= 2047" : "+r"(size))
#define BOUND_ENTRY(index) asm volatile("%0 &= 127" : "+r"(index))
#else
#define BOUND(offset) ((offset) &= 8191)
#define BOUND_NATIVE(size) ((size) &= 2047)
#define BOUND_ENTRY(index) ((index) &= SAMPLE_FRAMES - 1)
#endif
_Static_assert(PAYLOAD_SIZE <= 8191, "offsets into the payload");
_Static_assert(SAMPLE_FRAMES == 128 && SAMPLE_LEAF + SAMPLE_ROOT == 128, "indexes of entries");
_Static_assert(SAMPLE_NATIVE * 8 < 2048 && PAYLOAD_ROOM >= 8191 + 2047, "room for what is bounded");

#include "walk/deep.bpf.h"

static __always_inline void walk_lua(struct scratch *s)
{
	begin_walk(0);
	WALK_ALL
walked:
	if (s->walk.state <= WALK_BOTTOM)
		walk_deep(0);
	if (s->walk.state == WALK_BROKEN)
		s->head.flags |= SAMPLE_BROKEN;
	else if (s->walk.state != WALK_ENDED)
		s->head.flags |= SAMPLE_TRUNCATED;
}

#include "walk/places.bpf.h"

/*
 * The kernel's stack, the words below the interpreter's frame that tell where JIT code called C,
 * the native frames, the request, and the places of functions.
 */
static __always_inline __u64 append(struct scratch *s, struct unwind_scratch *u, void *ctx,
				    int in_kernel, int skip)
{
	__u64 offset = s->head.frames * sizeof(struct sample_frame);
	__u64 native = s->head.native * 8;
	long size;

	if (in_kernel && offset <= SAMPLE_FRAMES * sizeof(struct sample_frame)) {
		BOUND(offset);
		size = bpf_get_stack(ctx, s->payload + offset, SAMPLE_KERNEL * 8, skip);
		if (size > 0 && size <= SAMPLE_KERNEL * 8) {
			s->head.kernel = (__u64)size / 8;
			offset += (__u64)size & ~7ULL;
			if (size == SAMPLE_KERNEL * 8)
				s->head.flags |= SAMPLE_KERNEL_CUT;
		}
	}
	if (JIT_CALL_ON_STACK && (s->head.flags & SAMPLE_ON_TRACE) &&
	    offset <= PAYLOAD_SIZE - SAMPLE_WORDS * 8) {
		BOUND(offset);
		if (!WALK_READ(s->payload + offset, SAMPLE_WORDS * 8,
			       s->head.cframe - JIT_FRAME - SAMPLE_WORDS * 8)) {
			s->head.words = SAMPLE_WORDS;
			offset += SAMPLE_WORDS * 8;
		}
	}
	s->head.native = 0;
	BOUND(offset);
	BOUND_NATIVE(native);
	if (native && !bpf_probe_read_kernel(s->payload + offset, native, u->frame)) {
		s->head.native = native / 8;
		offset += native;
	}
	BOUND(offset);
	if (s->head.request) {
		size = REQUEST_HEAD + s->request.text_size;
		BOUND_TEXT(size);
		if (bpf_probe_read_kernel(s->payload + offset, size, &s->request))
			s->head.request = 0;
		else
			offset += size;
	}
	if (s->head.flags & SAMPLE_PLACED)
		offset = copy_places(s, offset);
	BOUND(offset);
	return sizeof(struct sample) + offset;
}

static __always_inline struct sampled_process *current_process(struct scratch *s)
{
	current_ids(&s->head.pid, &s->head.tid);
	return bpf_map_lookup_elem(&processes, &s->head.pid);
}

/*
 * Where cur_L tells which Lua thread runs, the native frames are walked by what the Lua walk found;
 * else they come first, since what they pass tells it.
 */
static __always_inline void walk(struct scratch *s, struct unwind_scratch *u,
				 struct sampled_process *p)
{
	__u64 lua_state;

	unwind_prime_window(&u->walk);
	s->walk.gc32 = p->vm[0].gc32;
	s->walk.old_cframe = p->vm[0].old_cframe;
	lua_state = p->vms ? find_lua_state(s, p) : 0;
	if (lua_state) {
		take_vm(s, p, lua_state);
		walk_lua(s);
		walk_native(&s->head, u, p->space, &p->vm[0]);
		return;
	}
	walk_native(&s->head, u, p->space, &p->vm[0]);
	if (p->vms && find_hidden_lua_state(s->head.pid) > 0) {
		take_vm(s, p, s->found);
		walk_lua(s);
	} else if (p->request.wanted && p->request.line) {
		find_request(p->request.line);
	}
}

enum take_flags {
	TAKE_INTERRUPTED =
		0,	 /* ctx: the registers of what was interrupted, here or in the kernel */
	TAKE_USER = 1,	 /* ctx: struct user_regs of a thread that runs user code */
	TAKE_KERNEL = 2, /* the thread is in the kernel; ctx: whatever bpf_get_stack() takes */
};

/* True if the sample is in the kernel. */
static __always_inline int take_current_regs(struct scratch *s, struct unwind_walk *native,
					     void *ctx, int flags)
{
	if (flags == TAKE_USER) {
		take_regs(s, native, ctx);
		return 0;
	}
	if (flags == TAKE_KERNEL) {
		take_saved_regs(s, native);
		return 1;
	}
	return take_user_regs(ctx, s, native);
}

/*
 * Samples the current thread for a series, where its process is traced; `value` is what the sample
 * stands for. All that a walk leaves behind for the next is reset here, whoever it was for. 0; 1:
 * the process is not traced; -1: there was no room.
 */
static __always_inline int take(void *ctx, __u32 series, __u64 value, int flags)
{
	struct unwind_scratch *u = unwind_scratch();
	struct scratch *s = scratch();
	struct sampled_process *p;
	int in_kernel;
	__u64 size;

	if (!s || !u)
		return 1;
	__builtin_memset(&s->head, 0, sizeof(s->head));
	s->by_frame = 0;
	s->global_of = 0;
	p = current_process(s);
	if (!p)
		return 1;
	s->head.series = series;
	s->head.value = value;
	s->cache.now = (__u64)s->head.pid << 32 | (__u32)(bpf_ktime_get_ns() >> CACHE_SHIFT);
	in_kernel = take_current_regs(s, &u->walk, ctx, flags);
	if (!(s->head.flags & SAMPLE_NO_REGS))
		walk(s, u, p);
	if (s->head.request)
		read_request(s->head.pid);
	/* A tracepoint stands on frames of its own: this program and who runs it. */
	size = append(s, u, ctx, in_kernel, flags == TAKE_KERNEL ? 2 : 0);
	return bpf_ringbuf_output(&samples, &s->head, size, BPF_RB_NO_WAKEUP) ? -1 : 0;
}

#endif
