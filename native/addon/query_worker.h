/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_QUERY_WORKER_H
#define ACUPOINT_ADDON_QUERY_WORKER_H

#include "results.h"
#include <functional>
#include <napi.h>
#include <optional>
#include <stdexcept>

/* The data that a query reads: the log and the trie as they were then. */
struct Rows {
	const TrieView &trie;
	const LogView &log;
	const Selection &selection;

	StackSums sum() const
	{
		return log.sum(selection, trie.stacks);
	}
};

/*
 * Answers one query off the main thread, from views of its own (see Column for why this needs no
 * lock), and settles a promise. libuv's thread runs Execute(), the main thread all the rest; it
 * deletes itself.
 */
template <typename Answer> class QueryWorker : public Napi::AsyncWorker
{
      public:
	using Compute = std::function<Answer(const Rows &)>;

	QueryWorker(Napi::Env env, TrieView trie_view, LogView log_view, Selection rows,
		    Compute how)
	    : Napi::AsyncWorker(env, "acupoint.query"), deferred(Napi::Promise::Deferred::New(env)),
	      trie(std::move(trie_view)), log(std::move(log_view)), selection(std::move(rows)),
	      compute(std::move(how))
	{
	}

	Napi::Promise promise() const
	{
		return deferred.Promise();
	}

      protected:
	void Execute() override
	{
		try {
			answer = compute(Rows{trie, log, selection});
		} catch (const std::range_error &error) {
			out_of_range = true;
			SetError(error.what());
		}
	}

	void OnOK() override
	{
		deferred.Resolve(to_javascript(Env(), *answer));
	}

	void OnError(const Napi::Error &error) override
	{
		if (out_of_range)
			deferred.Reject(Napi::RangeError::New(Env(), error.Message()).Value());
		else
			deferred.Reject(error.Value());
	}

      private:
	Napi::Promise::Deferred deferred;
	const TrieView trie;
	const LogView log;
	const Selection selection;
	const Compute compute;
	std::optional<Answer> answer;
	bool out_of_range = false;
};

#endif
