// SPDX-License-Identifier: MIT OR GPL-2.0
/* The programs that walk. Each is loaded for itself, with scratch memory and a ring of its own. */
#include "walk/take.bpf.h"

#include "instruments/allocations/allocation.bpf.h"
#include "instruments/cpu/cpu.bpf.h"
#include "instruments/errors/errors.bpf.h"
#include "instruments/loop/loop.bpf.h"
#include "instruments/offcpu/offcpu.bpf.h"
