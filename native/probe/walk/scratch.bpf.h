/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The sampler's maps: what user space tells it, what it answers, and room for one sample a CPU. */
#ifndef ACUPOINT_SCRATCH_H
#define ACUPOINT_SCRATCH_H

#include "walk/sample.h"
#include "walk/walk.h"

#define PAYLOAD_SIZE                                                                               \
	(SAMPLE_FRAMES * sizeof(struct sample_frame) +                                             \
	 (SAMPLE_KERNEL + SAMPLE_WORDS + SAMPLE_NATIVE) * 8 + sizeof(struct sample_request) +      \
	 SAMPLE_PLACES * sizeof(struct sample_place))
/* The verifier's bounds are powers of two: what it takes to be possible must fit as well. */
#define PAYLOAD_ROOM (8192 + 2048)
#define SCAN_WORDS 64
/* A power of 2. */
#define REQUEST_REFUSED 16
/* Words of 4 bytes: in all builds jit_base is not farther behind vm_state. A power of 2. */
#define GLOBAL_PART 64

/* Fields that each sample needs lie together: its cost is a cache that other work has used
 * since. */
struct scratch {
	struct walk walk;
	__u64 last_thread; /* the lua_State of the last sample on this CPU */
	__u64 regs_base;
	__u64 regs_pc;
	__u64 first_link; /* of the first frame, where it is not on the stack yet; or 0 */
	__u64 global_of;  /* the VM whose global_State is in `global`, from vm_state on; 0: none */
	__u32 first_outside; /* the first frame is not on the innermost C frame, but on the next */
	__u32 first_flags;   /* of the first frame */
	__u32 by_frame;	     /* lua_state is from the C frame on top of the stack */
	struct sampled_vm vm;
	struct lua_head lua;
	struct sample head;
	__u8 payload[PAYLOAD_ROOM];
	struct sample_request request;
	__u32 global[GLOBAL_PART];
	struct walk_cache cache;
	__u64 chunk[SCAN_WORDS];
	__u64 slots[2];	 /* of the frame that was read last; the stack of 5.10 has no room */
	__u64 places_at; /* where in the payload the places of functions begin */
	__u32 entries;	 /* of a stack that is too deep: those that were made, kept or not */
	__u32 followed;	 /* and frames since the last of them */
	__u32 joined;	 /* none was met since the walk came to another coroutine */
	struct sample_frame passed; /* the last of those */
	__u64 found;	/* the Lua thread that the native frames or a scan of the stack found */
	__u64 voted[2]; /* requests that nginx may work for; and how often each was met */
	__u32 votes[2];
	__u64 refused[REQUEST_REFUSED]; /* words that are none */
	__u64 request_until;		/* where the thread's stack ends, as far as it is known */
	__u32 request_line;		/* of sampled_request */
	struct user_regs saved;		/* of a thread that is in the kernel */
	__u64 object[REQUEST_CONTEXTS + 1]; /* the request itself, its first words */
	__u64 text[4];			    /* two ngx_str_t of it: its line's and its host's */
	struct {
		__u64 request;
		__u8 others[PHASE_FIRST - CONTEXT_REQUEST - 8];
		__u16 phases[PHASE_WORDS];
	} context;
};
_Static_assert(__builtin_offsetof(struct scratch, payload) ==
		       __builtin_offsetof(struct scratch, head) + sizeof(struct sample),
	       "sent as one");

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

/* Apart, since a value of a map of each CPU may have no more than 32 KB. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct walk_paths);
} paths SEC(".maps");

static __always_inline struct walk_paths *walk_paths(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&paths, &zero);
}

static __always_inline struct scratch *scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

#endif
