/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Shared by user space and the programs that watch event loops: their orders, sums and reports.
 * Fixed-size integers only, no includes; see walk/sample.h.
 */
#ifndef ACUPOINT_LOOP_TURN_H
#define ACUPOINT_LOOP_TURN_H

/* As many as the walkers know. */
#define LOOP_PROCESSES 256

/* An iteration as long as this is a stall. */
#define LOOP_STALL_NS 10000000ULL
/* Stacks are taken of iterations that last for this long by now, each so often at first. */
#define LOOP_SAMPLE_AFTER_NS 2500000ULL
#define LOOP_SAMPLE_EVERY_NS 2000000ULL
/* The longer one lasts, the farther apart: by this part of its length. */
#define LOOP_SAMPLE_PART 32
/* Times away that are shorter are not reported where their stack was not taken. */
#define LOOP_AWAY_LEAST_NS 500000ULL
/* Shorter iterations are counted in buckets as the model's tables have them; others reported. */
#define LOOP_SHORT_US 2048
#define LOOP_BUCKETS 256

struct loop_bucket {
	__u64 count, ns;
};

/* Of a worker. User space writes the first line, the programs the others. */
struct loop {
	__u64 clock; /* address of ngx_current_msec; 0: none */
	__u32 epoch; /* odd: a uprobe stands where iterations begin */
	__u32 padding;

	__u32 exact;	     /* the epoch in which the first whole iteration began */
	__u32 lost;	     /* reports that had no room */
	__u64 began;	     /* the iteration that runs; 0: none does, or it is not known */
	__u64 seen;	     /* when it was last seen to run on */
	__u64 sampled, paid; /* of stacks: when one was last taken; and until when for blocks */
	__u64 idle_ns, idle_since;
	__u64 hits; /* of the uprobe */
	struct loop_bucket shorter[LOOP_BUCKETS];
};

enum loop_event_kind {
	LOOP_ENDED = 1,	  /* an iteration, all of which was watched */
	LOOP_STALLED = 2, /* as far as nginx's clock tells, not shorter than that */
	LOOP_LOOKED = 3,  /* the stack of now follows as a sample, whose value is `until` */
	LOOP_AWAY = 4,	  /* the thread is back, and was away from `since` on: blocked */
	LOOP_QUEUED = 5,  /* the same, and it was ready */
};

struct loop_event {
	__u32 pid, kind;
	__u64 began; /* the iteration; ns of the monotonic clock, as all times */
	__u64 since, until;
};

#endif
