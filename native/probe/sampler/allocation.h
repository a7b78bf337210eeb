/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What the BPF program behind the VM's allocator and user space share. Includers define __u8 ...
 * __u64 first. One burst at a time, on one process, whose Lua runs on one thread.
 */
#ifndef ACUPOINT_ALLOCATION_H
#define ACUPOINT_ALLOCATION_H

/* More than a call can sensibly ask for counts as this much. */
#define ALLOCATION_MOST (1ULL << 40)

/*
 * Samples are taken at places on the line of all bytes that are asked for: `gap` behind the last
 * one, which is drawn anew each time, evenly from 1 to twice the mean. A sample stands for the gap
 * before it, whatever was asked for there: so shares have no bias, and samples add up to the bytes
 * up to the last one, exactly.
 */
struct allocation_watch {
	__u32 on;
	__u32 mean_shift; /* the mean gap is 2 to the power of this, bytes */
	/*
	 * When the burst is over, ns: later by what each call's trap and each walk cost, so that
	 * code which asks for memory often, and is slowed down most, is not seen the less for it.
	 */
	__u64 until;
	__u64 trap_ns; /* what a call costs more */
	__u64 gap;
	__u64 passed; /* bytes since the last sample; below `gap`, and carried to the next burst */
	/* Counts of this burst. */
	__u64 calls;  /* all, also those that were made while it was not on */
	__u64 seen;   /* while it was */
	__u64 grown;  /* of these, the ones that asked for memory or for more of it */
	__u64 taken;
	__u64 lost, lost_bytes; /* samples for which there was no room */
	__u64 walk_ns;
};

/* In the ring buffer: the bytes, then the sample as sampler/sample.h has it. */
#define ALLOCATION_HEAD 8

#endif
