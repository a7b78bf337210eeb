/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_COLUMN_H
#define ACUPOINT_ADDON_COLUMN_H

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

/*
 * An append-only array in chunks that never move. This is what lets a query run off the main thread
 * while the main thread goes on appending, without a lock:
 *
 *  - only the main thread appends, and only it takes views;
 *  - a view is a copy of the list of chunks and of the length at that moment. Elements below that
 * length are never written again; appends touch only elements above it, or new chunks;
 *  - a view is handed to its worker through the queue of libuv, which orders all that was written
 * before;
 *  - chunks are shared, so that clear() on the main thread leaves those of a running query alive.
 */
template <typename T> class Column
{
	static constexpr size_t shift = 14;
	static constexpr size_t chunk_length = size_t{1} << shift;
	static constexpr size_t mask = chunk_length - 1;
	using Chunk = std::array<T, chunk_length>;

      public:
	class View
	{
	      public:
		View(std::vector<std::shared_ptr<Chunk>> owned, size_t length)
		    : owners(std::move(owned)), count(length)
		{
			for (const auto &owner : owners)
				chunks.push_back(owner->data());
		}

		size_t size() const
		{
			return count;
		}

		/* `index` must be below size(). */
		const T &operator[](size_t index) const
		{
			return chunks[index >> shift][index & mask];
		}

	      private:
		std::vector<std::shared_ptr<Chunk>> owners;
		std::vector<const T *> chunks;
		size_t count;
	};

	size_t size() const
	{
		return count;
	}

	void push(const T &value)
	{
		if ((count & mask) == 0)
			chunks.push_back(std::make_shared<Chunk>());
		(*chunks.back())[count & mask] = value;
		count++;
	}

	View view() const
	{
		return View(chunks, count);
	}

	void clear()
	{
		chunks.clear();
		count = 0;
	}

      private:
	std::vector<std::shared_ptr<Chunk>> chunks;
	size_t count = 0;
};

#endif
