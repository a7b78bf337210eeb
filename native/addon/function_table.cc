/* SPDX-License-Identifier: MIT */
#include "function_table.h"
#include "stack_totals.h"
#include <algorithm>
#include <utility>

namespace
{

/* Weights by function id or by location id. */
struct Tally {
	struct Entry {
		double self;
		double total;
		/* How often it stands on the path from the root to where the walk is. */
		uint32_t on_path;
		bool seen;
	};

	explicit Tally(size_t highest) : entries(highest + 1)
	{
	}

	void enter(uint32_t id, double weight)
	{
		Entry &entry = entries[id];

		entry.seen = true;
		if (entry.on_path++ == 0)
			entry.total += weight;
	}

	std::vector<Entry> entries;
};

/* The sampled part of the trie, as lists of children. */
struct ChildLists {
	ChildLists(const TrieView &trie, const StackSums &sums)
	    : first(size_t{trie.stacks} + 1), next(size_t{trie.stacks} + 1)
	{
		for (uint32_t stack = trie.stacks; stack > 0; stack--) {
			if (!sums.seen[stack])
				continue;
			const uint32_t parent = trie.stack[stack].parent;
			next[stack] = first[parent];
			first[parent] = stack;
		}
	}

	std::vector<uint32_t> first;
	std::vector<uint32_t> next;
};

class TableBuilder
{
      public:
	TableBuilder(const TrieView &view, StackSums &stack_sums, uint32_t hidden_kinds)
	    : trie(view), sums(stack_sums), hidden(hidden_kinds), functions(view.functions),
	      locations(view.locations)
	{
	}

	FunctionTable build()
	{
		const std::vector<double> totals = stack_totals(trie, sums);

		add_self();
		add_totals(totals);
		return tabulate();
	}

      private:
	bool is_hidden(const Frame &frame) const
	{
		return hidden >> frame.kind & 1;
	}

	void add_self();
	void add_totals(const std::vector<double> &totals);
	void enter(uint32_t stack, double weight);
	void leave(uint32_t stack);
	FunctionTable tabulate();

	const TrieView &trie;
	StackSums &sums;
	const uint32_t hidden;
	Tally functions;
	Tally locations;
};

} // namespace

void TableBuilder::add_self()
{
	/* Frame of the nearest stack that is shown, from this one down to the root; 0: none. */
	std::vector<uint32_t> shown(size_t{trie.stacks} + 1);

	for (uint32_t stack = 1; stack <= trie.stacks; stack++) {
		if (!sums.seen[stack])
			continue;
		const Stack &at = trie.stack[stack];
		shown[stack] = is_hidden(trie.frame[at.frame]) ? shown[at.parent] : at.frame;
		const Frame &frame = trie.frame[shown[stack]];
		functions.entries[frame.function].self += sums.sums[stack].self;
		locations.entries[frame.location].self += sums.sums[stack].self;
	}
}

void TableBuilder::enter(uint32_t stack, double weight)
{
	const Frame &frame = trie.frame[trie.stack[stack].frame];

	if (is_hidden(frame))
		return;
	functions.enter(frame.function, weight);
	locations.enter(frame.location, weight);
}

void TableBuilder::leave(uint32_t stack)
{
	const Frame &frame = trie.frame[trie.stack[stack].frame];

	if (is_hidden(frame))
		return;
	functions.entries[frame.function].on_path--;
	locations.entries[frame.location].on_path--;
}

/* Without recursion: a hostile stack may be any number of frames deep. */
void TableBuilder::add_totals(const std::vector<double> &totals)
{
	const ChildLists children(trie, sums);
	uint32_t stack = children.first[0];

	while (stack != 0) {
		enter(stack, totals[stack]);
		uint32_t next = children.first[stack];
		while (next == 0 && stack != 0) {
			leave(stack);
			next = children.next[stack];
			stack = trie.stack[stack].parent;
		}
		stack = next;
	}
}

FunctionTable TableBuilder::tabulate()
{
	/* (function, line) in one number, which puts the lines of a function together, and its
	 * location. */
	std::vector<std::pair<uint64_t, uint32_t>> keys;
	FunctionTable table;
	size_t entry = 0;

	for (uint32_t id = 1; id <= trie.frames; id++) {
		const Frame &frame = trie.frame[id];
		Tally::Entry &at = locations.entries[frame.location];

		if (frame.line == 0 || !at.seen)
			continue;
		at.seen = false;
		keys.emplace_back(uint64_t{frame.function} << 32 | frame.line, frame.location);
	}
	std::sort(keys.begin(), keys.end());

	table.line_starts.push_back(0);
	for (uint32_t id = 1; id <= trie.functions; id++) {
		if (!functions.entries[id].seen)
			continue;
		table.functions.push_back(id);
		table.self.push_back(functions.entries[id].self);
		table.total.push_back(functions.entries[id].total);
		for (; entry < keys.size() && keys[entry].first >> 32 == id; entry++) {
			const Tally::Entry &at = locations.entries[keys[entry].second];

			table.lines.push_back(static_cast<uint32_t>(keys[entry].first));
			table.line_self.push_back(at.self);
			table.line_total.push_back(at.total);
		}
		table.line_starts.push_back(static_cast<uint32_t>(entry));
	}
	table.weight = sums.weight;
	table.samples = sums.samples;
	return table;
}

FunctionTable build_function_table(const TrieView &trie, StackSums &sums, uint32_t hidden_kinds)
{
	return TableBuilder(trie, sums, hidden_kinds).build();
}
