/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_FUNCTION_TABLE_H
#define ACUPOINT_ADDON_FUNCTION_TABLE_H

#include "sample_log.h"
#include "stack_trie.h"

/* FunctionTable of extension/profile/engine.ts. */
struct FunctionTable {
	std::vector<uint32_t> functions;
	std::vector<double> self;
	std::vector<double> total;
	std::vector<uint32_t> line_starts;
	std::vector<uint32_t> lines;
	std::vector<double> line_self;
	std::vector<double> line_total;
	double weight = 0;
	double samples = 0;
};

/* Adds up each function and each of its lines, once per sample however often a stack repeats it. */
FunctionTable build_function_table(const TrieView &trie, StackSums &sums, uint32_t hidden_kinds);

#endif
