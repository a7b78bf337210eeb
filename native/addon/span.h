/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_SPAN_H
#define ACUPOINT_ADDON_SPAN_H

#include <cstddef>

/* Elements that belong to someone else, for the length of a call. */
template <typename T> struct Span {
	const T *data;
	size_t length;

	const T &operator[](size_t index) const
	{
		return data[index];
	}
};

#endif
