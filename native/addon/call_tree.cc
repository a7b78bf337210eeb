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

	nodes[0].self = sums.sums[0].self;
	nodes[0].samples = sums.sums[0].count;
	for (uint32_t stack = 1; stack <= trie.stacks; stack++) {
		if (!sums.seen[stack])
			continue;
		const Stack &at = trie.stack[stack];
		const Frame &frame = trie.frame[at.frame];
		uint32_t node = cost_node[at.parent];

		if (!(hidden_kinds >> frame.kind & 1)) {
			node = nodes.find_or_add(node, frame.function, frame.kind);
			nodes[node].flags |= frame.flags;
			own_node[stack] = node;
		}
		cost_node[stack] = node;
		nodes[node].self += sums.sums[stack].self;
		nodes[node].samples += sums.sums[stack].count;
	}
	return own_node;
}

CallTree build_call_tree(const TrieView &trie, StackSums &sums, uint32_t hidden_kinds,
			 const std::vector<uint32_t> &ranks)
{
	const std::vector<double> totals = stack_totals(trie, sums);
	NodeTable nodes(trie.stacks);
	const std::vector<uint32_t> own_node = assign_nodes(trie, sums, hidden_kinds, nodes);
	const std::vector<uint32_t> order = preorder(nodes, ranks);
	const std::vector<uint32_t> hottest = hottest_lines(trie, own_node, totals, nodes.size());
	const uint32_t n = nodes.size();
	std::vector<int32_t> place(n);
	CallTree tree(n);

	for (uint32_t i = 0; i < n; i++) {
		const NodeTable::Node &node = nodes[order[i]];

		place[order[i]] = static_cast<int32_t>(i);
		tree.parents[i] = i == 0 ? -1 : place[node.parent];
		tree.functions[i] = node.function;
		tree.kinds[i] = node.kind;
		tree.flags[i] = node.flags;
		tree.self[i] = node.self;
		tree.self_samples[i] = node.samples;
		tree.lines[i] = hottest[order[i]];
	}
	tree.total = tree.self;
	for (uint32_t i = n - 1; i > 0; i--)
		tree.total[static_cast<size_t>(tree.parents[i])] += tree.total[i];
	tree.samples = sums.samples;
	tree.frameless = sums.sums[0].self;
	return tree;
}
