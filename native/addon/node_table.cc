/* SPDX-License-Identifier: MIT */
#include "node_table.h"

static uint32_t hash(uint32_t parent, uint32_t function, uint8_t kind)
{
	uint32_t h = parent * 0x9e3779b1u ^ (function * 32u + kind) * 0x85ebca6bu;

	h = (h ^ h >> 15) * 0xc2b2ae35u;
	return h ^ h >> 13;
}

NodeTable::NodeTable(size_t most) : nodes{Node{}}, slots(4096)
{
	nodes.reserve(most + 1);
	while (slots.size() < most * 2)
		slots.resize(slots.size() * 2);
}

uint32_t NodeTable::find_or_add(uint32_t parent, uint32_t function, uint8_t kind)
{
	const size_t mask = slots.size() - 1;
	size_t slot = hash(parent, function, kind) & mask;

	for (; slots[slot]; slot = (slot + 1) & mask) {
		const Node &node = nodes[slots[slot]];

		if (node.parent == parent && node.function == function && node.kind == kind)
			return slots[slot];
	}
	const uint32_t added = size();
	nodes.push_back(Node{parent, function, kind, 0, 0, 0});
	slots[slot] = added;
	if (nodes.size() * 2 > slots.size())
		grow();
	return added;
}

void NodeTable::grow()
{
	std::vector<uint32_t> grown(slots.size() * 2);
	const size_t mask = grown.size() - 1;

	for (uint32_t node = 1; node < size(); node++) {
		const Node &n = nodes[node];
		size_t slot = hash(n.parent, n.function, n.kind) & mask;

		while (grown[slot])
			slot = (slot + 1) & mask;
		grown[slot] = node;
	}
	slots.swap(grown);
}
