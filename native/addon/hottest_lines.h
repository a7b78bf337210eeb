/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_HOTTEST_LINES_H
#define ACUPOINT_ADDON_HOTTEST_LINES_H

#include "stack_trie.h"
#include <vector>

/*
 * The line with the most weight of each node, by node; of equal ones the lowest, 0 where none is
 * known. node_of: node of each stack; 0: the stack has none of its own (hidden or not sampled).
 * totals: weight of each stack.
 */
std::vector<uint32_t> hottest_lines(const TrieView &trie, const std::vector<uint32_t> &node_of,
				    const std::vector<double> &totals, uint32_t nodes);

#endif
