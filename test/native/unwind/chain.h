/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* One native stack as the test's BPF program reports it. */
#ifndef CHAIN_H
#define CHAIN_H

#define CHAIN_FRAMES 128

struct chain {
	__u32 pid, tid;
	__u64 run_ns;
	__u32 state, frames;
	__u64 frame[CHAIN_FRAMES]; /* from the leaf to the root */
};

#endif
