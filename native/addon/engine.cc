/* SPDX-License-Identifier: MIT */
#include "engine.h"
#include "query_worker.h"

/* Ids that do not fit become JavaScript's RangeError; other exceptions become its Error on the way
 * out. */
template <typename Action> static void translate(Napi::Env env, Action action)
{
	try {
		action();
	} catch (const std::range_error &error) {
		throw Napi::RangeError::New(env, error.what());
	}
}

Napi::Function Engine::define(Napi::Env env)
{
	return DefineClass(env, "Engine",
			   {
				   InstanceMethod<&Engine::add_frames>("addFrames"),
				   InstanceMethod<&Engine::add_stacks>("addStacks"),
				   InstanceMethod<&Engine::append>("append"),
				   InstanceMethod<&Engine::call_tree>("callTree"),
				   InstanceMethod<&Engine::function_table>("functionTable"),
				   InstanceMethod<&Engine::stack_table>("stackTable"),
				   InstanceMethod<&Engine::group_table>("groupTable"),
				   InstanceMethod<&Engine::clear>("clear"),
			   });
}

Engine::Engine(const Napi::CallbackInfo &info) : Napi::ObjectWrap<Engine>(info)
{
}

void Engine::add_frames(const Napi::CallbackInfo &info)
{
	const auto functions = words_argument(info, 0);
	const auto kinds = bytes_argument(info, 1);
	const auto lines = words_argument(info, 2);
	const auto flags = bytes_argument(info, 3);

	translate(info.Env(), [&] { trie.add_frames(functions, kinds, lines, flags); });
}

void Engine::add_stacks(const Napi::CallbackInfo &info)
{
	const auto parents = words_argument(info, 0);
	const auto frames = words_argument(info, 1);

	translate(info.Env(), [&] { trie.add_stacks(parents, frames); });
}

void Engine::append(const Napi::CallbackInfo &info)
{
	const std::string series = text_argument(info, 0);
	const double time_us = number_argument(info, 1);
	const RowColumns columns{words_argument(info, 2), words_argument(info, 3),
				 words_argument(info, 4), optional_words_argument(info, 6),
				 optional_words_argument(info, 7)};
	SampleLog &log = logs[series];

	if (info[5].IsNumber()) {
		const double weight = number_argument(info, 5);

		translate(info.Env(), [&] { log.append(time_us, columns, weight, trie.stacks()); });
	} else {
		const auto weights = doubles_argument(info, 5);

		translate(info.Env(),
			  [&] { log.append(time_us, columns, weights, trie.stacks()); });
	}
}

template <typename T> static std::vector<T> copy_of(const Span<T> &span)
{
	return std::vector<T>(span.data, span.data + span.length);
}

/* An error in the arguments is a rejection too: a caller has one place to look for it. */
template <typename Answer, typename Prepare>
Napi::Value Engine::answer(const Napi::CallbackInfo &info, Prepare prepare)
{
	try {
		const QueryArguments query = query_argument(info, 0);
		const auto found = logs.find(query.series);
		const SampleLog none;
		const SampleLog &log = found == logs.end() ? none : found->second;
		Selection selection;

		selection.from_us = query.from_us;
		selection.to_us = query.to_us;
		if (query.pids.length > 0)
			selection.workers = log.choose_workers(query.pids);
		if (query.labels)
			selection.labels = copy_of(*query.labels);
		if (query.requests)
			selection.requests = copy_of(*query.requests);
		if (query.stacks)
			selection.stacks = copy_of(*query.stacks);
		auto *worker =
			new QueryWorker<Answer>(info.Env(), trie.view(), log.view(),
						std::move(selection), prepare(query.hidden_kinds));
		const Napi::Promise promise = worker->promise();
		worker->Queue();
		return promise;
	} catch (const Napi::Error &error) {
		auto deferred = Napi::Promise::Deferred::New(info.Env());

		deferred.Reject(error.Value());
		return deferred.Promise();
	}
}

Napi::Value Engine::call_tree(const Napi::CallbackInfo &info)
{
	return answer<CallTree>(info, [&](uint32_t hidden_kinds) {
		return [hidden_kinds, ranks = copy_of(words_argument(info, 1))](const Rows &rows) {
			StackSums sums = rows.sum();

			return build_call_tree(rows.trie, sums, hidden_kinds, ranks);
		};
	});
}

Napi::Value Engine::function_table(const Napi::CallbackInfo &info)
{
	return answer<FunctionTable>(info, [](uint32_t hidden_kinds) {
		return [hidden_kinds](const Rows &rows) {
			StackSums sums = rows.sum();

			return build_function_table(rows.trie, sums, hidden_kinds);
		};
	});
}

Napi::Value Engine::stack_table(const Napi::CallbackInfo &info)
{
	return answer<StackTable>(info, [](uint32_t) {
		return [](const Rows &rows) { return build_stack_table(rows.sum()); };
	});
}

Napi::Value Engine::group_table(const Napi::CallbackInfo &info)
{
	return answer<GroupTable>(info, [&](uint32_t) {
		return [label_groups = copy_of(words_argument(info, 1)),
			request_groups = copy_of(words_argument(info, 2))](const Rows &rows) {
			return build_group_table(rows.log, rows.selection, label_groups,
						 request_groups);
		};
	});
}

void Engine::clear(const Napi::CallbackInfo &)
{
	for (auto &log : logs)
		log.second.clear();
}
