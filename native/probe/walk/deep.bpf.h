/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Walks the rest of a Lua stack that is deeper than a sample has room for. The root says whose work
 * it is, so the walk goes on to it: the last frames before the root are kept in a ring. Far from
 * the bottom of a coroutine it only follows the links, which costs a fifth. Part of take.bpf.h,
 * whose scratch memory it works in.
 */
#ifndef ACUPOINT_DEEP_BPF_H
#define ACUPOINT_DEEP_BPF_H

/* Slots of the Lua stack above a coroutine's bottom: frames farther up are only followed. */
#define DEEP_NEAR 1024
#define DEEP_STEPS 64
#define DEEP_CALLS 512
/*
 * Frames; a Lua stack has 65 500 slots at most, of which a frame takes three. Beyond, somebody lays
 * out frames for us.
 */
#define DEEP_MOST 40000

/* Where the next entry goes: the ring's oldest is overwritten. */
static __always_inline struct sample_frame *deep_entry(struct scratch *s)
{
	__u64 n = s->entries;

	if (n >= SAMPLE_FRAMES)
		n = SAMPLE_LEAF + (n & (SAMPLE_ROOT - 1));
	BOUND_ENTRY(n);
	return (struct sample_frame *)s->payload + n;
}

/* Says in the ring how many frames were only followed before what comes next. */
static __always_inline void deep_say_gap(struct scratch *s)
{
	struct sample_frame *gap;

	if (!s->followed)
		return;
	gap = deep_entry(s);
	gap->what = 0;
	gap->where = s->followed;
	gap->print = 0;
	gap->kind = SAMPLE_GAP;
	gap->flags = (__u16)s->walk.depth << SAMPLE_DEPTH_SHIFT;
	s->followed = 0;
	s->entries++;
}

/* Frames that are far from the bottom: some that only Lua calls, and the one behind them. */
__noinline int deep_follow(__u32 unused)
{
	struct scratch *s = scratch();
	__u32 n;

	KEEP(unused);
	if (!s)
		return 0;
	n = walk_follow(&s->walk, &s->cache);
	n += walk_step(&s->walk, &s->cache, &s->passed);
	s->followed += n;
	s->head.walked += n;
	return 0;
}

/* The next frame, or the way to the coroutine below, with its entry. */
__noinline int deep_keep(__u32 unused)
{
	struct scratch *s = scratch();
	int kept;

	KEEP(unused);
	if (!s)
		return 0;
	deep_say_gap(s);
	if (s->walk.state == WALK_BOTTOM) {
		kept = walk_join(&s->walk, deep_entry(s), &s->lua, &s->vm);
		s->joined = kept;
	} else {
		kept = walk_step(&s->walk, &s->cache, deep_entry(s));
		s->head.walked += kept;
		s->joined &= !kept;
	}
	s->entries += kept;
	return 0;
}

/* Some of the frames that are left. 1: there are no more. */
__noinline int deep_frames(__u32 unused)
{
	struct scratch *s = scratch();
	int i;

	KEEP(unused);
	if (!s)
		return 1;
	for (i = 0; i < DEEP_STEPS; i++) {
		if (s->walk.state > WALK_BOTTOM || s->head.walked > DEEP_MOST)
			return 1;
		/* The first frame of a coroutine is who resumed the one above. */
		if (s->walk.state == WALK_GOES_ON && s->walk.bottom && !s->joined &&
		    s->walk.frame - s->walk.bottom > DEEP_NEAR * 8)
			deep_follow(0);
		else
			deep_keep(0);
	}
	return 0;
}

__noinline int walk_deep(__u32 unused)
{
	struct scratch *s = scratch();
	int i;

	KEEP(unused);
	if (!s)
		return 0;
	s->entries = s->head.frames;
	s->head.walked = s->head.frames - s->walk.joins;
	s->followed = 0;
	s->joined = 0;
	for (i = 0; i < DEEP_CALLS; i++) {
		if (deep_frames(0))
			break;
	}
	deep_say_gap(s);
	s->head.frames = s->entries < SAMPLE_FRAMES ? s->entries : SAMPLE_FRAMES;
	s->head.ring = s->entries & (SAMPLE_ROOT - 1);
	return 0;
}

#endif
