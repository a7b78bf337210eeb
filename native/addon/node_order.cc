/* SPDX-License-Identifier: MIT */
#include "node_order.h"
#include "stack_trie.h"
#include <algorithm>
#include <stdexcept>
#include <string>

/* Place of each function that has a node, by rank, then id; dense from 0. */
static std::vector<uint32_t> function_positions(const NodeTable &nodes,
						const std::vector<uint32_t> &ranks)
{
	uint32_t highest = 0;

	for (uint32_t node = 1; node < nodes.size(); node++)
		highest = std::max(highest, nodes[node].function);
	if (highest > 0 && highest >= ranks.size())
		throw std::range_error("function " + std::to_string(highest) + " has no rank, " +
				       std::to_string(ranks.size()) + " ranks were given");

	std::vector<uint32_t> positions(size_t{highest} + 1);
	std::vector<uint32_t> used;
	for (uint32_t node = 1; node < nodes.size(); node++)
		positions[nodes[node].function] = 1;
	for (uint32_t id = 1; id <= highest; id++)
		if (positions[id])
			used.push_back(id);
	std::stable_sort(used.begin(), used.end(),
			 [&](uint32_t a, uint32_t b) { return ranks[a] < ranks[b]; });
	for (uint32_t position = 0; position < used.size(); position++)
		positions[used[position]] = position;
	return positions;
}

/* Stable; keys are below `limit`. */
template <typename Key>
static std::vector<uint32_t> counting_sort(const std::vector<uint32_t> &items, size_t limit,
					   Key key)
{
	std::vector<uint32_t> ends(limit + 1);
	std::vector<uint32_t> sorted(items.size());

	for (uint32_t item : items)
		ends[key(item) + 1]++;
	for (size_t i = 0; i < limit; i++)
		ends[i + 1] += ends[i];
	for (uint32_t item : items)
		sorted[ends[key(item)]++] = item;
	return sorted;
}

static std::vector<uint32_t> walk(const NodeTable &nodes, const std::vector<uint32_t> &first_child,
				  const std::vector<uint32_t> &next_sibling)
{
	std::vector<uint32_t> order(nodes.size());
	uint32_t node = 0;

	for (uint32_t i = 1; i < nodes.size(); i++) {
		uint32_t next = first_child[node];

		while (next == 0) {
			next = next_sibling[node];
			if (next == 0)
				node = nodes[node].parent;
		}
		node = next;
		order[i] = node;
	}
	return order;
}

/*
 * Two counting sorts put all nodes in sibling order at once; handing them to their parents from the
 * last to the first leaves every list of children sorted, in time linear in the nodes.
 */
std::vector<uint32_t> preorder(const NodeTable &nodes, const std::vector<uint32_t> &ranks)
{
	const uint32_t n = nodes.size();
	const std::vector<uint32_t> positions = function_positions(nodes, ranks);
	std::vector<uint32_t> ordered(n - 1);
	std::vector<uint32_t> first_child(n);
	std::vector<uint32_t> next_sibling(n);

	for (uint32_t i = 1; i < n; i++)
		ordered[i - 1] = i;
	ordered = counting_sort(ordered, StackTrie::kind_limit,
				[&](uint32_t node) { return nodes[node].kind; });
	ordered = counting_sort(ordered, n,
				[&](uint32_t node) { return positions[nodes[node].function]; });
	for (size_t i = ordered.size(); i-- > 0;) {
		const uint32_t node = ordered[i];
		const uint32_t parent = nodes[node].parent;

		next_sibling[node] = first_child[parent];
		first_child[parent] = node;
	}
	return walk(nodes, first_child, next_sibling);
}
