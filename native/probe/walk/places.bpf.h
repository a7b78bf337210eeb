/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Copies where functions are defined, for VMs that live no longer than a request. Part of
 * walker.bpf.c, whose scratch memory it works in.
 */
#ifndef ACUPOINT_PLACES_BPF_H
#define ACUPOINT_PLACES_BPF_H

/* See BOUND: the bound that the compiler knows is not the verifier's. */
#if defined(__bpf__)
#define BOUND_PLACE(index) asm volatile("%0 &= 31" : "+r"(index))
#else
#define BOUND_PLACE(index) ((index) &= 31)
#endif
_Static_assert(SAMPLE_PLACES <= 32, "indexes of places");

/* The place of the frame with this index, to where they begin in the payload. */
__noinline int copy_place(__u32 which)
{
	struct scratch *s = scratch();
	union walk_proto_head head;
	struct sample_frame *frame;
	struct sample_place *place;
	__u64 index = which, offset, chunkname;
	long length;

	if (!s)
		return 0;
	BOUND_PLACE(index);
	offset = s->places_at + index * sizeof(*place);
	BOUND(offset);
	place = (struct sample_place *)(s->payload + offset);
	place->print = 0;
	frame = (struct sample_frame *)s->payload + index;
	if (IS_GC32(s->walk.gc32) || frame->kind != SAMPLE_LUA ||
	    WALK_READ(&head, sizeof(head), frame->what + LUA_PROTO_BYTECODES(0)))
		return 0;
	chunkname = (__u64)head.wide.chunkname[1] << 32 | head.wide.chunkname[0];
	length =
		bpf_probe_read_user_str(place->chunk, sizeof(place->chunk),
					(const void *)(unsigned long)(chunkname + LUA_STRING_DATA));
	if (length <= 0)
		return 0;
	place->length = length - 1;
	place->first_line = head.wide.first_line;
	place->lines = head.wide.lines;
	place->bytecodes = head.wide.size;
	place->print = walk_print_of(&head, 0);
	return 0;
}

/* Behind what is in the payload already. The new end of it. */
static __always_inline __u64 copy_places(struct scratch *s, __u64 offset)
{
	__u32 i;

	s->places_at = offset;
	for (i = 0; i < SAMPLE_PLACES; i++) {
		if (i >= s->head.frames)
			break;
		copy_place(i);
	}
	return offset + i * sizeof(struct sample_place);
}

#endif
