/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ADDON_ENGINE_H
#define ACUPOINT_ADDON_ENGINE_H

#include "arguments.h"
#include "sample_log.h"
#include "stack_trie.h"
#include <napi.h>
#include <string>
#include <unordered_map>

/* ProfileEngine of extension/profile/engine.ts, as a JavaScript class. Its methods are the
 * interface's. */
class Engine : public Napi::ObjectWrap<Engine>
{
      public:
	static Napi::Function define(Napi::Env env);
	explicit Engine(const Napi::CallbackInfo &info);

      private:
	void add_frames(const Napi::CallbackInfo &info);
	void add_stacks(const Napi::CallbackInfo &info);
	void append(const Napi::CallbackInfo &info);
	Napi::Value call_tree(const Napi::CallbackInfo &info);
	Napi::Value function_table(const Napi::CallbackInfo &info);
	Napi::Value group_table(const Napi::CallbackInfo &info);
	Napi::Value stack_table(const Napi::CallbackInfo &info);
	void clear(const Napi::CallbackInfo &info);

	template <typename Answer, typename Prepare>
	Napi::Value answer(const Napi::CallbackInfo &info, Prepare prepare);

	StackTrie trie;
	/* By name of the series. */
	std::unordered_map<std::string, SampleLog> logs;
};

#endif
