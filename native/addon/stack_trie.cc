/* SPDX-License-Identifier: MIT */
#include "stack_trie.h"
#include <algorithm>
#include <stdexcept>
#include <string>

/* Ids are 32 bits wide; the last is kept free so that an id plus one never wraps. */
static constexpr size_t most_entries = UINT32_MAX - 1;

StackTrie::StackTrie()
{
	frame.push(Frame{});
	stack.push(Stack{});
}

void StackTrie::add_frames(Span<uint32_t> functions, Span<uint8_t> kinds, Span<uint32_t> lines,
			   Span<uint8_t> flags)
{
	const size_t n = functions.length;

	if (kinds.length != n || lines.length != n || flags.length != n)
		throw std::range_error("frame arrays differ in length");
	if (n > most_entries - frames())
		throw std::range_error("too many frames");
	for (size_t i = 0; i < n; i++) {
		if (functions[i] < 1 || functions[i] > max_function_id)
			throw std::range_error("function id " + std::to_string(functions[i]) +
					       " is not in 1 to " +
					       std::to_string(max_function_id));
		if (kinds[i] >= kind_limit)
			throw std::range_error("frame kind " + std::to_string(kinds[i]) +
					       " is not below 32");
	}
	for (size_t i = 0; i < n; i++) {
		const uint64_t key = uint64_t{functions[i]} << 32 | lines[i];
		const uint32_t next = static_cast<uint32_t>(locations.size() + 1);

		const uint32_t location = locations.emplace(key, next).first->second;

		frame.push(Frame{functions[i], lines[i], location, kinds[i], flags[i]});
		highest_function = std::max(highest_function, functions[i]);
	}
}

void StackTrie::add_stacks(Span<uint32_t> parents, Span<uint32_t> frame_ids)
{
	if (parents.length != frame_ids.length)
		throw std::range_error("stack arrays differ in length");
	if (parents.length > most_entries - stacks())
		throw std::range_error("too many stacks");
	for (size_t i = 0; i < parents.length; i++) {
		const uint32_t id = static_cast<uint32_t>(stacks() + i + 1);

		if (parents[i] >= id)
			throw std::range_error("parent " + std::to_string(parents[i]) +
					       " of stack " + std::to_string(id) + " is no older");
		if (frame_ids[i] < 1 || frame_ids[i] > frames())
			throw std::range_error("stack " + std::to_string(id) + " refers to frame " +
					       std::to_string(frame_ids[i]) + " of " +
					       std::to_string(frames()));
	}
	for (size_t i = 0; i < parents.length; i++)
		stack.push(Stack{parents[i], frame_ids[i]});
}

TrieView StackTrie::view() const
{
	return TrieView{frame.view(),	  stack.view(),
			highest_function, static_cast<uint32_t>(locations.size()),
			frames(),	  stacks()};
}
