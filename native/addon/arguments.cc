/* SPDX-License-Identifier: MIT */
#include "arguments.h"
#include <cmath>
#include <string>

static Napi::TypeError wrong(const Napi::CallbackInfo &info, size_t index, const char *expected)
{
	return Napi::TypeError::New(info.Env(), "argument " + std::to_string(index + 1) +
							" must be " + expected);
}

static bool is_array_of(const Napi::Value &value, napi_typedarray_type type)
{
	return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type;
}

static Span<uint8_t> bytes_of(const Napi::Value &value)
{
	const auto array = value.As<Napi::Uint8Array>();

	return Span<uint8_t>{array.Data(), array.ElementLength()};
}

static Span<uint32_t> words_of(const Napi::Value &value)
{
	const auto array = value.As<Napi::Uint32Array>();

	return Span<uint32_t>{array.Data(), array.ElementLength()};
}

Span<uint32_t> words_argument(const Napi::CallbackInfo &info, size_t index)
{
	if (!is_array_of(info[index], napi_uint32_array))
		throw wrong(info, index, "a Uint32Array");
	return words_of(info[index]);
}

Span<double> doubles_argument(const Napi::CallbackInfo &info, size_t index)
{
	if (!is_array_of(info[index], napi_float64_array))
		throw wrong(info, index, "a Float64Array");
	const auto array = info[index].As<Napi::Float64Array>();

	return Span<double>{array.Data(), array.ElementLength()};
}

Span<uint8_t> bytes_argument(const Napi::CallbackInfo &info, size_t index)
{
	if (!is_array_of(info[index], napi_uint8_array))
		throw wrong(info, index, "a Uint8Array");
	return bytes_of(info[index]);
}

std::optional<Span<uint32_t>> optional_words_argument(const Napi::CallbackInfo &info, size_t index)
{
	if (info[index].IsUndefined())
		return std::nullopt;
	return words_argument(info, index);
}

double number_argument(const Napi::CallbackInfo &info, size_t index)
{
	if (!info[index].IsNumber())
		throw wrong(info, index, "a number");
	return info[index].As<Napi::Number>().DoubleValue();
}

std::string text_argument(const Napi::CallbackInfo &info, size_t index)
{
	if (!info[index].IsString())
		throw wrong(info, index, "a string");
	return info[index].As<Napi::String>().Utf8Value();
}

static std::optional<Span<uint8_t>> mask_of(const Napi::CallbackInfo &info, size_t index,
					    const Napi::Value &value)
{
	if (value.IsUndefined())
		return std::nullopt;
	if (!is_array_of(value, napi_uint8_array))
		throw wrong(info, index, "a query whose masks are a Uint8Array");
	return bytes_of(value);
}

/* Absent: the series that is shown at first, as in extension/profile/series.ts. */
static std::string series_of(const Napi::CallbackInfo &info, size_t index,
			     const Napi::Value &measure)
{
	if (measure.IsUndefined())
		return "cpu";
	if (!measure.IsString())
		throw wrong(info, index, "a query whose measure is a string");
	return measure.As<Napi::String>().Utf8Value();
}

QueryArguments query_argument(const Napi::CallbackInfo &info, size_t index)
{
	QueryArguments query{};

	if (!info[index].IsObject())
		throw wrong(info, index, "a query");
	const auto object = info[index].As<Napi::Object>();
	const Napi::Value from = object.Get("fromUs");
	const Napi::Value to = object.Get("toUs");
	const Napi::Value pids = object.Get("pids");
	const Napi::Value hidden = object.Get("hiddenKinds");

	if (!from.IsNumber() || !to.IsNumber())
		throw wrong(info, index, "a query with fromUs and toUs");
	query.from_us = from.As<Napi::Number>().DoubleValue();
	query.to_us = to.As<Napi::Number>().DoubleValue();
	if (std::isnan(query.from_us) || std::isnan(query.to_us))
		throw Napi::RangeError::New(info.Env(), "the window of a query has no number");
	if (is_array_of(pids, napi_uint32_array))
		query.pids = words_of(pids);
	else if (!pids.IsUndefined())
		throw wrong(info, index, "a query whose pids are a Uint32Array");
	if (hidden.IsNumber())
		query.hidden_kinds = hidden.As<Napi::Number>().Uint32Value();
	else if (!hidden.IsUndefined())
		throw wrong(info, index, "a query whose hiddenKinds is a number");
	query.series = series_of(info, index, object.Get("measure"));
	query.labels = mask_of(info, index, object.Get("labels"));
	query.requests = mask_of(info, index, object.Get("requests"));
	query.stacks = mask_of(info, index, object.Get("stacks"));
	return query;
}
