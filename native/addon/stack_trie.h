/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_STACK_TRIE_H
#define ACUPOINT_ADDON_STACK_TRIE_H

#include "column.h"
#include "span.h"
#include <cstdint>
#include <unordered_map>

struct Frame {
	uint32_t function;
	uint32_t line;
	uint32_t location;
	uint8_t kind;
	uint8_t flags;
};

struct Stack {
	uint32_t parent;
	uint32_t frame;
};

/* The dictionaries as they were when a query was asked. */
struct TrieView {
	Column<Frame>::View frame;
	Column<Stack>::View stack;
	/* Highest ids. */
	uint32_t functions;
	uint32_t locations;
	uint32_t frames;
	uint32_t stacks;
};

/*
 * Frames and stacks have 1-based ids in order of arrival; entry 0 of each is a placeholder
 * for "none". A location is a (function, line) pair, also 1-based. Ids are checked on the way in,
 * so that what reads a view needs no bounds checks. Limits are those of
 * extension/profile/stack-trie.ts.
 */
class StackTrie
{
      public:
	static constexpr uint32_t max_function_id = (1u << 21) - 1;
	static constexpr uint32_t kind_limit = 32;

	StackTrie();

	/* Both throw std::range_error without having added any of them. */
	void add_frames(Span<uint32_t> functions, Span<uint8_t> kinds, Span<uint32_t> lines,
			Span<uint8_t> flags);
	void add_stacks(Span<uint32_t> parents, Span<uint32_t> frames);

	uint32_t frames() const
	{
		return static_cast<uint32_t>(frame.size() - 1);
	}

	uint32_t stacks() const
	{
		return static_cast<uint32_t>(stack.size() - 1);
	}

	TrieView view() const;

      private:
	Column<Frame> frame;
	Column<Stack> stack;
	std::unordered_map<uint64_t, uint32_t> locations;
	uint32_t highest_function = 0;
};

#endif
