#include "core/context.hpp"

#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>

namespace rialto {

void spawn(const core_context& core, std::string what, awaitable<void> task)
{
    boost::asio::co_spawn(core.ex, std::move(task), [what = std::move(what)](std::exception_ptr failed) {
        if (!failed)
            return;
        try {
            std::rethrow_exception(failed);
        } catch (const std::exception& e) {
            log::error("task ended by an exception", "task", what, "error", e.what());
        }
    });
}

}  // namespace rialto
