/* SPDX-License-Identifier: MIT */
#include "hottest_lines.h"

namespace
{

/* Node k owns members[starts[k]] to members[starts[k + 1]]. */
struct Groups {
	std::vector<uint32_t> starts;
	std::vector<uint32_t> members;
};

} // namespace

static Groups group_by_node(const std::vector<uint32_t> &node_of, uint32_t nodes)
{
	Groups groups{std::vector<uint32_t>(size_t{nodes} + 2),
		      std::vector<uint32_t>(node_of.size())};

	for (uint32_t node : node_of)
		groups.starts[node + 2]++;
	for (size_t i = 2; i < groups.starts.size(); i++)
		groups.starts[i] += groups.starts[i - 1];
	for (uint32_t stack = 0; stack < node_of.size(); stack++)
		groups.members[groups.starts[node_of[stack] + 1]++] = stack;
	return groups;
}

std::vector<uint32_t> hottest_lines(const TrieView &trie, const std::vector<uint32_t> &node_of,
				    const std::vector<double> &totals, uint32_t nodes)
{
	const Groups groups = group_by_node(node_of, nodes);
	std::vector<uint32_t> lines(nodes);
	/*
	 * A node has one function, so its lines are told apart by location id, and one scratch
	 * array serves all nodes in turn.
	 */
	std::vector<double> weights(size_t{trie.locations} + 1);
	const auto frame_of = [&](uint32_t i) -> const Frame & {
		return trie.frame[trie.stack[groups.members[i]].frame];
	};

	for (uint32_t node = 1; node < nodes; node++) {
		const uint32_t start = groups.starts[node];
		const uint32_t end = groups.starts[node + 1];
		double best = -1;

		if (end - start == 1) {
			lines[node] = frame_of(start).line;
			continue;
		}
		for (uint32_t i = start; i < end; i++)
			weights[frame_of(i).location] += totals[groups.members[i]];
		for (uint32_t i = start; i < end; i++) {
			const Frame &frame = frame_of(i);
			const uint32_t line = frame.line;
			const double weight = weights[frame.location];

			if (line == 0)
				continue;
			if (weight > best || (weight == best && line < lines[node])) {
				best = weight;
				lines[node] = line;
			}
		}
		for (uint32_t i = start; i < end; i++)
			weights[frame_of(i).location] = 0;
	}
	return lines;
}
