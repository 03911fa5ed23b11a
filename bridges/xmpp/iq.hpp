// bridges/xmpp/iq.hpp: questions and answers (RFC 6120 §8.2.3). Every get or set that reaches us is answered
// once, from the address that was asked: gloox answers without `from`, for which ejabberd closes the stream.
// Answers to our questions are taken only from whom we asked, by random ids, and only in time. All calls on
// the io_context thread. Bounded: 4,096 questions open, 512 slow answers in the making (then:
// resource-constraint).
#pragma once

#include "bridges/xmpp/stanza_error.hpp"
#include "core/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <vector>

namespace rialto::xmpp {

using boost::asio::awaitable;

enum class iq_type
{
    get,
    set
};

struct reply  // to a question of ours: a result, or the peer's refusal
{
    owned_tree stanza;
    std::optional<stanza_error> error;

    reply() = default;
    reply(owned_tree s, std::optional<stanza_error> e) : stanza{std::move(s)}, error{std::move(e)} {}
    const node* payload() const noexcept { return stanza.root().child({}); }  // of a result; nullptr: empty
};

struct iq_query  // a question to us
{
    std::string from, to, id;
    iq_type type = iq_type::get;
    owned_tree payload;  // the one child
    iq_query() = default;
};

struct iq_answer  // XML inside <iq type='result'>, or an error
{
    std::string payload;
    std::optional<stanza_error> error;
    iq_answer() = default;
    iq_answer(std::string xml) : payload{std::move(xml)} {}
    iq_answer(stanza_error e) : error{std::move(e)} {}
};

struct disco_identity
{
    std::string category, type, name;
    disco_identity(std::string c, std::string t, std::string n)
        : category{std::move(c)}, type{std::move(t)}, name{std::move(n)}
    {
    }
};

struct self_description  // what the built-in answers say; muc and chats refine it by serve()
{
    std::string software = "Rialto", version;
    std::vector<disco_identity> identities;    // of the component itself: gateway/...
    std::vector<std::string> features;         // of the component, beside what the router answers itself
    std::vector<std::string> puppet_features;  // of every puppet: identity account/registered
    std::function<awaitable<std::string>(std::string address)>
        name_of;  // vcard-temp FN of a puppet; "": nobody
    self_description() = default;
};

class iq_router
{
public:
    using sender = std::function<bool(std::string stanza)>;
    using taker = std::function<void(result<reply>)>;
    using quick = std::function<std::optional<iq_answer>(const iq_query&)>;  // nullopt: as if not registered
    using slow = std::function<awaitable<std::optional<iq_answer>>(iq_query)>;

    iq_router(
        boost::asio::any_io_executor ex, clock& time, std::string domain, sender send,
        self_description about = {}
    );
    ~iq_router();  // as lost()
    iq_router(const iq_router&) = delete;
    iq_router& operator=(const iq_router&) = delete;

    // A failure is: not sent, no answer in time (uncertain), link lost (uncertain). A refusal is a reply with
    // error.
    awaitable<result<reply>> request(
        std::string from, std::string to, iq_type type, std::string payload,
        std::chrono::milliseconds timeout = std::chrono::seconds{30}
    );
    void ask(
        std::string from, std::string to, iq_type type, std::string payload,
        std::chrono::milliseconds timeout, taker then
    );

    // Answers for (namespace, element of the payload): later registrations are asked first.
    void serve(std::string ns, std::string element, quick answer);
    void serve_slowly(std::string ns, std::string element, slow answer);

    void take(const node& iq);  // every <iq/> of the stream goes here
    void lost();                // the link ended: all open questions fail now
    std::size_t open_questions() const noexcept;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace rialto::xmpp
