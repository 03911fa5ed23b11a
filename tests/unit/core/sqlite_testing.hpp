// tests/unit/core/sqlite_testing.hpp: one-line builders and an io_context with a folder, for tests of stores.
#pragma once

#include "core/store.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <optional>

namespace rialto {

template <class... C>
std::vector<store_change> changes(C... c)
{
    std::vector<store_change> all;
    (all.emplace_back(std::move(c)), ...);
    return all;
}

inline std::vector<std::string> strings(std::string one)
{
    return std::vector<std::string>(1, std::move(one));
}

inline item from_far(std::string id, portal_key p = 1)
{
    item it;
    it.portal = p;
    it.bound = way::to_matrix;
    it.far_id = std::move(id);
    it.author = "romeo@montague.example";
    it.payload = "{\"id\":\"x\"}";
    return it;
}

inline item from_matrix(std::string id, portal_key p = 1)
{
    item it = from_far("", p);
    it.bound = way::to_far;
    it.matrix_id = std::move(id);
    it.author = "@juliet:capulet.example";
    return it;
}

inline portal_row a_portal(std::string room)
{
    portal_row r;
    r.network = "prosody";
    r.room = room_id{std::move(room)};
    r.account = account_id{"acc"};
    r.matrix_room = "!old";
    r.is = kind::direct;
    r.state = "{\"is\":\"direct\"}";
    return r;
}

inline person_row a_person(std::string far, std::string mxid)
{
    person_row p;
    p.network = "x";
    p.far = user_id{std::move(far)};
    p.mxid = std::move(mxid);
    p.puppet = true;
    p.shown_as = "Romeo";
    p.avatar_hash = "0a";
    p.generation = 2;
    return p;
}

inline std::vector<position> seqs(const result<std::vector<item>>& items)
{
    std::vector<position> all;
    if (items)
        for (const auto& it : *items)
            all.push_back(it.seq);
    return all;
}

inline std::vector<std::string> ids(const result<std::vector<reaction_row>>& rows)
{
    std::vector<std::string> all;
    if (rows)
        for (const auto& r : *rows)
            all.push_back(r.id);
    return all;
}

class temporary_folder
{
    std::filesystem::path path_;

public:
    temporary_folder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "rialto-XXXXXX").string();
        if (::mkdtemp(name.data()))
            path_ = name;
    }
    ~temporary_folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    const std::filesystem::path& path() const { return path_; }
};

class store_test
{
    temporary_folder folder_;
    boost::asio::io_context io_;

public:
    boost::asio::any_io_executor executor() { return io_.get_executor(); }
    std::filesystem::path file() const { return folder_.path() / "rialto.db"; }

    template <class T, class Done>
    void spawn(awaitable<T> what, Done done)
    {
        boost::asio::co_spawn(io_, std::move(what), [done](std::exception_ptr failed, T value) mutable {
            if (failed)
                std::rethrow_exception(failed);
            done(std::move(value));
        });
    }
    void poll()
    {
        io_.restart();
        io_.poll();
    }
    void run_all()
    {
        io_.restart();
        io_.run();
    }
    template <class T>
    T run(awaitable<T> what)
    {
        std::optional<T> got;
        spawn(std::move(what), [&](T value) { got = std::move(value); });
        run_all();
        return std::move(*got);
    }
};

}  // namespace rialto
