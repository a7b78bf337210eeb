/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_STACK_TOTALS_H
#define ACUPOINT_ADDON_STACK_TOTALS_H

#include "sample_log.h"
#include "stack_trie.h"

/*
 * Weight of each stack with all that was called from it, by stack id. Marks in `sums.seen` the
 * ancestors of what was sampled. A parent has the lower id, so one pass from the end does it,
 * whatever the depth.
 */
inline std::vector<double> stack_totals(const TrieView &trie, StackSums &sums)
{
	std::vector<double> totals(sums.sums.size());

	for (size_t stack = 0; stack < totals.size(); stack++)
		totals[stack] = sums.sums[stack].self;
	for (uint32_t stack = trie.stacks; stack > 0; stack--) {
		if (!sums.seen[stack])
			continue;
		const uint32_t parent = trie.stack[stack].parent;
		totals[parent] += totals[stack];
		sums.seen[parent] = 1;
	}
	return totals;
}

#endif
