/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Shared by the BPF program behind the VM's allocator and user space. Includers define __u8 ...
 * __u64 first. One burst at a time, on one process, whose Lua runs on one thread.
 */
#ifndef ACUPOINT_ALLOCATION_H
#define ACUPOINT_ALLOCATION_H

/* More than a call can sensibly ask for counts as this much. */
#define ALLOCATION_MOST (1ULL << 40)

/*
 * A burst's uprobe slows down code that makes many calls much more than other code: by the clock it
 * would see less of what is slowed down most, and of what comes behind that. Calls are not slowed
 * down: so a burst is a stretch on the line of all calls. It begins after some of them, by chance,
 * and counts so many: each call is as likely as any other to be counted. Where the uprobe takes but
 * a small part of the time, the clock may say when it is over, later by what it has cost.
 *
 * With a count of requests that is this process's alone, a burst counts whole requests: those that
 * begin in its stretch. It waits for the first of them, and goes on to the end of the last.
 */
enum allocation_state {
	ALLOCATION_OFF = 0,
	ALLOCATION_WAITS,
	ALLOCATION_BEGINS, /* waits for a request to begin */
	ALLOCATION_COUNTS,
	ALLOCATION_ENDS, /* counts on until a request begins */
	ALLOCATION_OVER,
};

/*
 * Samples are taken at places on the line of all bytes that are asked for: `gap` behind the last
 * one, which is drawn each time, evenly from 1 to twice the mean. A sample stands for the gap
 * before it, whatever was asked for there: so shares have no bias, and samples add up to the bytes
 * up to the last one, exactly.
 */
struct allocation_watch {
	__u32 state;
	__u32 mean_shift; /* the mean gap is 2 to the power of this, bytes */
	__u64 gap;
	__u64 passed; /* bytes since the last sample; below `gap`, and carried to the next burst */
	__u64 wait, most; /* calls before its stretch, and of it */
	/* Does it count whole requests? If so, not longer than for so many calls in all. */
	__u64 whole, limit;
	/*
	 * Where it is measured in time: when it is over, later by `trap_ns` for each call and by
	 * what walks take; else 0.
	 */
	__u64 until, trap_ns;
	/* A count of the process that is read when it begins to count and ends; address 0: none. */
	__u64 counter, counter_first, counter_last;
	__u64 began_ns, over_ns; /* when it began to count and ended; 0: it did not yet */
	/*
	 * The time between calls, of which half are shorter: where many follow each other at once,
	 * as they do when memory is freed, it is what the uprobe costs in this process.
	 */
	__u64 call_ns, last_ns;
	/* Counts of this burst. */
	__u64 calls; /* all, also those that it did not count */
	__u64 seen;  /* that it counted */
	__u64 grown; /* of these, the ones that asked for memory or for more of it */
	__u64 taken;
	__u64 lost, lost_bytes; /* samples for which there was no room */
	__u64 walk_ns;
};

#endif
