/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_CALL_TREE_H
#define ACUPOINT_ADDON_CALL_TREE_H

#include "sample_log.h"
#include "stack_trie.h"

/* CallTree of extension/profile/engine.ts, in preorder. */
struct CallTree {
	explicit CallTree(size_t n)
	    : parents(n), functions(n), kinds(n), flags(n), self(n), total(n),
	      self_samples(n), lines(n)
	{
	}

	std::vector<int32_t> parents;
	std::vector<uint32_t> functions;
	std::vector<uint8_t> kinds;
	std::vector<uint8_t> flags;
	std::vector<double> self;
	std::vector<double> total;
	std::vector<double> self_samples;
	std::vector<uint32_t> lines;
	double samples = 0;
	double frameless = 0;
};

/*
 * Merges the sampled stacks into a call tree: stacks that differ only in lines and flags share a
 * node. Throws std::range_error where `ranks` is shorter than the functions in use.
 */
CallTree build_call_tree(const TrieView &trie, StackSums &sums, uint32_t hidden_kinds,
			 const std::vector<uint32_t> &ranks);

#endif
