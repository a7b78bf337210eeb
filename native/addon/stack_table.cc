/* SPDX-License-Identifier: MIT */
#include "stack_table.h"

StackTable build_stack_table(const StackSums &sums)
{
	StackTable table;

	for (size_t stack = 0; stack < sums.seen.size(); stack++) {
		if (!sums.seen[stack])
			continue;
		table.stacks.push_back(static_cast<uint32_t>(stack));
		table.weights.push_back(sums.sums[stack].self);
		table.counts.push_back(sums.sums[stack].count);
	}
	table.weight = sums.weight;
	table.samples = sums.samples;
	return table;
}
