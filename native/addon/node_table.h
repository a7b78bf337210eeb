/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_NODE_TABLE_H
#define ACUPOINT_ADDON_NODE_TABLE_H

#include <cstddef>
#include <cstdint>
#include <vector>

/*
 * Nodes of a call tree while it is built, found by (parent, function, kind). Node 0 is the root.
 * Children are always younger than their parents.
 */
class NodeTable
{
      public:
	struct Node {
		uint32_t parent;
		uint32_t function;
		uint8_t kind;
		uint8_t flags;
		double self;
		double samples;
	};

	/* most: about how many nodes there will be. */
	explicit NodeTable(size_t most);
	uint32_t find_or_add(uint32_t parent, uint32_t function, uint8_t kind);

	uint32_t size() const
	{
		return static_cast<uint32_t>(nodes.size());
	}

	Node &operator[](uint32_t node)
	{
		return nodes[node];
	}

	const Node &operator[](uint32_t node) const
	{
		return nodes[node];
	}

      private:
	void grow();

	std::vector<Node> nodes;
	/* Open addressing; 0: empty (the root is never looked for). */
	std::vector<uint32_t> slots;
};

#endif
