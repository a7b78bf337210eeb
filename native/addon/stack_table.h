/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_STACK_TABLE_H
#define ACUPOINT_ADDON_STACK_TABLE_H

#include "sample_log.h"

/* StackTable of extension/profile/engine.ts. */
struct StackTable {
	std::vector<uint32_t> stacks;
	std::vector<double> weights;
	std::vector<double> counts;
	double weight = 0;
	double samples = 0;
};

/* Leaves out the stacks that no sample has. */
StackTable build_stack_table(const StackSums &sums);

#endif
