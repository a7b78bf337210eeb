/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_ARGUMENTS_H
#define ACUPOINT_ADDON_ARGUMENTS_H

#include "sample_log.h"
#include "span.h"
#include <napi.h>
#include <optional>
#include <string>

/* The query of extension/profile/engine.ts, before its workers are looked up. */
struct QueryArguments {
	/* The series that it is of. */
	std::string series;
	double from_us;
	double to_us;
	/* length 0: all workers. */
	Span<uint32_t> pids;
	uint32_t hidden_kinds;
	/* By id; none: all. */
	std::optional<Span<uint8_t>> labels;
	std::optional<Span<uint8_t>> requests;
	std::optional<Span<uint8_t>> stacks;
};

/* All throw a TypeError that names the argument where it is of another type. Spans hold for the
 * call. */
Span<uint32_t> words_argument(const Napi::CallbackInfo &info, size_t index);
/* None where it is undefined. */
std::optional<Span<uint32_t>> optional_words_argument(const Napi::CallbackInfo &info, size_t index);
Span<double> doubles_argument(const Napi::CallbackInfo &info, size_t index);
Span<uint8_t> bytes_argument(const Napi::CallbackInfo &info, size_t index);
double number_argument(const Napi::CallbackInfo &info, size_t index);
std::string text_argument(const Napi::CallbackInfo &info, size_t index);

/* Also throws a RangeError where a time is not a number. */
QueryArguments query_argument(const Napi::CallbackInfo &info, size_t index);

#endif
