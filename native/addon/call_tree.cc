/* SPDX-License-Identifier: MIT */
#include "call_tree.h"
#include "hottest_lines.h"
#include "node_order.h"
#include "node_table.h"
#include "stack_totals.h"

/* Adds the nodes and their self weights; returns the node of each stack that has one of its own. */
static std::vector<uint32_t> assign_nodes(const TrieView &trie, const StackSums &sums,
					  uint32_t hidden_kinds, NodeTable &nodes)
{
	std::vector<uint32_t> own_node(size_t{trie.stacks} + 1);
	/* The node that a stack's cost goes to: its own, or that of the nearest frame shown. */
	std::vector<uint32_t> cost_node(size_t{trie.stacks} + 1);

	nodes[0].self = sums.self[0];
	for (uint32_t stack = 1; stack <= trie.stacks; stack++) {
		if (!sums.seen[stack])
			continue;
		const uint32_t frame = trie.stack_frames[stack];
		const uint8_t kind = trie.frame_kinds[frame];
		uint32_t node = cost_node[trie.stack_parents[stack]];

		if (!(hidden_kinds >> kind & 1)) {
			node = nodes.find_or_add(node, trie.frame_functions[frame], kind);
			nodes[node].flags |= trie.frame_flags[frame];
			own_node[stack] = node;
		}
		cost_node[stack] = node;
		nodes[node].self += sums.self[stack];
	}
	return own_node;
}

CallTree build_call_tree(const TrieView &trie, StackSums &sums, uint32_t hidden_kinds,
			 const std::vector<uint32_t> &ranks)
{
	const std::vector<double> totals = stack_totals(trie, sums);
	NodeTable nodes;
	const std::vector<uint32_t> own_node = assign_nodes(trie, sums, hidden_kinds, nodes);
	const std::vector<uint32_t> order = preorder(nodes, ranks);
	const std::vector<uint32_t> hottest = hottest_lines(trie, own_node, totals, nodes.size());
	const uint32_t n = nodes.size();
	std::vector<int32_t> place(n);
	CallTree tree;

	for (uint32_t i = 0; i < n; i++) {
		const NodeTable::Node &node = nodes[order[i]];

		place[order[i]] = static_cast<int32_t>(i);
		tree.parents.push_back(i == 0 ? -1 : place[node.parent]);
		tree.functions.push_back(node.function);
		tree.kinds.push_back(node.kind);
		tree.flags.push_back(node.flags);
		tree.self.push_back(node.self);
		tree.lines.push_back(hottest[order[i]]);
	}
	tree.total = tree.self;
	for (uint32_t i = n - 1; i > 0; i--)
		tree.total[static_cast<size_t>(tree.parents[i])] += tree.total[i];
	tree.samples = sums.samples;
	return tree;
}
