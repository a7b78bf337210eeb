/* SPDX-License-Identifier: MIT */
/* The part of the sampler's work that programs of other instruments, which walk too, go on with. */
#ifndef ACUPOINT_WALK_SHARE_H
#define ACUPOINT_WALK_SHARE_H

struct missing;

struct walk_share {
	struct missing *missing; /* tables that walks lacked, loaded at the next poll */
};

#endif
