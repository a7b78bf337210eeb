/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * One raw sample, as a sampler takes it while the thread stands still, and what a sampler must know
 * of a process beforehand. Shared by the BPF program and user space: fixed-size integers only, no
 * includes. Addresses are the target's. Whoever includes this defines __u8 ... __u64 first
 * (linux/types.h).
 */
#ifndef ACUPOINT_SAMPLE_H
#define ACUPOINT_SAMPLE_H

#include "walk/request.h"

#define SAMPLE_FRAMES 128
/*
 * Of a Lua stack that is deeper both ends are kept: the innermost frames, and behind them a ring of
 * what was met last on the way to the root. Powers of 2.
 */
#define SAMPLE_LEAF 64
#define SAMPLE_ROOT 64
#define SAMPLE_KERNEL 48
#define SAMPLE_WORDS 64
#define SAMPLE_NATIVE 128
#define SAMPLE_VMS 8

enum sample_frame_kind {
	SAMPLE_LUA = 0,	 /* what: GCproto; where: bytecode position or 0; print: see sample_print */
	SAMPLE_C = 1,	 /* what: GCfunc; where: the C function; print: its ffid */
	SAMPLE_JOIN = 2, /* what: lua_State whose frames follow: it resumed or made those before */
	SAMPLE_GAP = 3,	 /* where: so many frames were passed here and are not kept */
};

enum sample_frame_flag {
	SAMPLE_FRAME_TAIL = 2,	    /* reached through a tail call continuation */
	SAMPLE_FRAME_SCHEDULED = 4, /* a join that the scheduler of ngx_lua made, not the C stack */
	SAMPLE_FRAME_RETURNS = 8,   /* the first frame, in one of its returns: which is lost */
};

/*
 * In the high byte of a frame's flags: which C frame of the interpreter it runs on, counted from
 * the leaf; SAMPLE_DEPTH_MAX: that or one further out.
 */
#define SAMPLE_DEPTH_SHIFT 8
#define SAMPLE_DEPTH_MAX 255

struct sample_frame {
	__u64 what;
	__u64 where;
	__u32 print;
	__u16 kind;
	__u16 flags;
};

enum sample_flag {
	SAMPLE_IN_KERNEL = 1,
	SAMPLE_IN_VM = 2,     /* the user instruction pointer is in a VM's machine code */
	SAMPLE_TRUNCATED = 4, /* there are more Lua frames than the walk could pass */
	SAMPLE_BROKEN = 8,    /* the walk met memory that it could not read or that made no sense */
	SAMPLE_SCANNED = 16,  /* the lua_State was found on the thread's stack, not through cur_L */
	SAMPLE_LEAF_SURE = 32, /* the first frame's position is where it is now */
	SAMPLE_NEW_VM = 64,    /* `global` is not in the configuration; VM 0's offsets were used */
	SAMPLE_KERNEL_CUT = 128, /* the kernel's stack was deeper than SAMPLE_KERNEL */
	SAMPLE_NO_REGS = 256,	 /* the user registers could not be had */
	SAMPLE_ON_TRACE =
		512,	    /* compiled code runs, or what it called: the walk began at jit_base */
	SAMPLE_TORN = 1024, /* the thread ran on while its Lua stack was read */
	SAMPLE_PLACED = 2048, /* the places of the innermost frames' functions are at the end */
};

/*
 * Followed by `frames` struct sample_frame from the leaf to the root, `kernel` u64 instruction
 * pointers from the leaf outwards, `words` u64 of the thread's stack, ending at
 * `cframe` - JIT_FRAME (that is, the last word is the one below that address), and `native` u64:
 * addresses in the code of native frames from the leaf to the root, UNWIND_MARK where Lua stands,
 * and, where `request` is not 0, one struct sample_request; last, with SAMPLE_PLACED, for each
 * frame up to SAMPLE_PLACES one struct sample_place.
 */
struct sample {
	__u32 pid;
	__u32 tid;
	__u64 ip; /* user space */
	__u64 sp;
	__u64 lua_state; /* 0: none was running */
	__u64 global;	 /* its VM */
	__u64 cframe;
	__u64 jit_base;
	__u64 trace_ip; /* in compiled code: where the walk of native frames met it; or 0 */
	__u64 value;	/* of the series: what the sample stands for; 0 for CPU time */
	__u64 request;	/* ngx_http_request_t that the Lua thread runs for; 0: none is known */
	__s32 vm_state; /* as the VM keeps it: a trace number or the complement of a state */
	__u16 flags;
	__u16 frames;
	__u16 kernel;
	__u16 words;
	__u16 native;
	__u16 native_state; /* enum unwind_state: why the native frames end */
	__u16 series;	    /* enum sample_series */
	__u16 ring;	    /* which of the SAMPLE_ROOT entries is the oldest */
	__u32 walked;	    /* Lua frames that were passed, where not all are kept; else 0 */
};

/* The series whose program took it. */
enum sample_series {
	SAMPLE_CPU = 0,
	SAMPLE_ALLOCATED = 1,
	SAMPLE_OFFCPU = 2,
	SAMPLE_ERROR = 3,
	SAMPLE_LOOP = 4,
};

/*
 * Where a function is defined, read with the sample: its VM may be gone when somebody looks. Only
 * of builds with GC64.
 */
#define SAMPLE_PLACES 20
struct sample_place {
	__u32 print; /* of the prototype that this is of; 0: nothing was read */
	__u32 first_line, lines, bytecodes;
	__u32 length; /* of the chunk's name; one less than there is room for: there may be more */
	char chunk[108];
};

/* Tells a prototype from another that later got its address. */
static inline __u32 sample_print(__u64 chunkname, __u32 first_line, __u32 lines)
{
	__u64 x = chunkname * 0x9e3779b97f4a7c15ULL + first_line;

	x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9ULL + lines;
	return (__u32)(x >> 32);
}

/* ---- what a sampler must know ------------------------------------------------------------------
 */

struct sampled_vm {
	__u64 global;	  /* global_State */
	__u64 code_start; /* the interpreter's machine code */
	__u64 code_end;
	/* offsets in global_State */
	__u32 vm_state;
	__u32 cur_l;
	__u32 jit_base;
	__u32 exdata;	  /* 1: luajit2's lua_State, which has the request of ngx_lua */
	__u32 exdata2;	  /* offset in lua_State of the co-context of ngx_lua; 0: none */
	__u32 gc32;	  /* 1: a build without GC64; the same in all VMs of a process */
	__u32 old_cframe; /* 1: C frames as arm64's were until 2021, see arch.h; likewise */
};

struct sampled_process {
	__u32 vms;
	struct sampled_request request;
	__u32 fleeting; /* 1: VMs come and go in it: samples say where functions are defined */
	__u32 space;	/* slot of its mappings in the unwinder, counted from 1; 0: none */
	struct sampled_vm vm[SAMPLE_VMS];
};

struct sampler_counts {
	__u64 run_ns;
	__u64 lost;
	/* How long threads were stopped for their samples, by a sampler that stops them. */
	__u64 stopped_ns;
	__u64 longest_stop_ns;
};

#endif
