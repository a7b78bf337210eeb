/* SPDX-License-Identifier: MIT */
#include "results.h"
#include <algorithm>

/* Copied, since Electron's memory cage admits no array buffers over memory of our own. */
template <typename T> static Napi::Value array(Napi::Env env, const std::vector<T> &values)
{
	auto result = Napi::TypedArrayOf<T>::New(env, values.size());

	std::copy(values.begin(), values.end(), result.Data());
	return result;
}

Napi::Object to_javascript(Napi::Env env, const CallTree &tree)
{
	Napi::Object object = Napi::Object::New(env);

	object.Set("parents", array(env, tree.parents));
	object.Set("functions", array(env, tree.functions));
	object.Set("kinds", array(env, tree.kinds));
	object.Set("flags", array(env, tree.flags));
	object.Set("self", array(env, tree.self));
	object.Set("total", array(env, tree.total));
	object.Set("selfSamples", array(env, tree.self_samples));
	object.Set("lines", array(env, tree.lines));
	object.Set("samples", tree.samples);
	object.Set("frameless", tree.frameless);
	return object;
}

Napi::Object to_javascript(Napi::Env env, const FunctionTable &table)
{
	Napi::Object object = Napi::Object::New(env);

	object.Set("functions", array(env, table.functions));
	object.Set("self", array(env, table.self));
	object.Set("total", array(env, table.total));
	object.Set("lineStarts", array(env, table.line_starts));
	object.Set("lines", array(env, table.lines));
	object.Set("lineSelf", array(env, table.line_self));
	object.Set("lineTotal", array(env, table.line_total));
	object.Set("weight", table.weight);
	object.Set("samples", table.samples);
	return object;
}

Napi::Object to_javascript(Napi::Env env, const StackTable &table)
{
	Napi::Object object = Napi::Object::New(env);

	object.Set("stacks", array(env, table.stacks));
	object.Set("weights", array(env, table.weights));
	object.Set("counts", array(env, table.counts));
	object.Set("weight", table.weight);
	object.Set("samples", table.samples);
	return object;
}

Napi::Object to_javascript(Napi::Env env, const GroupTable &table)
{
	Napi::Object object = Napi::Object::New(env);

	object.Set("stacks", array(env, table.stacks));
	object.Set("labelGroups", array(env, table.label_groups));
	object.Set("requestGroups", array(env, table.request_groups));
	object.Set("weights", array(env, table.weights));
	object.Set("counts", array(env, table.counts));
	object.Set("weight", table.weight);
	object.Set("samples", table.samples);
	return object;
}
