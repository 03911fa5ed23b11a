// bridges/email/imap_session.hpp: one folder of an IMAP mailbox followed (RFC 3501, IDLE of RFC 2177), as a
// machine: bytes in, bytes out, mails out in the order of their UIDs, each with the cursor that says that the
// folder is read up to it. Nothing in the mailbox is changed (BODY.PEEK) but by append(). It begins after the
// login. No I/O, no clock. Whoever drives it obeys next() until it says `over`:
//   read   send output(), then feed() what comes
//   rest   the same; but after pause() without a byte call tired(). Only now the folder is up to date.
//   note   cursor() has to be written down; then noted()
//   mail   mail() has to be taken; then took(). Its cursor is written down in the same commit.
//   over   send output(), hang up; why()
// The first time it begins at UIDNEXT. When the UIDs are no longer what they were (UIDVALIDITY), mails that
// are younger than the last one are looked for by their date, as far as they are few: what was seen before
// may come again then, and news() says what happened.
// Bounded: mails of at most `most` bytes, few at a time; of a larger one only the header is fetched.
#pragma once

#include "bridges/email/imap_response.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <utility>

namespace rialto::email {

struct imap_cursor
{
    std::uint32_t validity = 0, uid = 0;  // UIDVALIDITY; the last one that is read
    std::int64_t mark = 0;  // seconds since 1970: INTERNALDATE of the youngest mail that is read
    imap_cursor() = default;
    imap_cursor(std::uint32_t v, std::uint32_t u, std::int64_t m) : validity{v}, uid{u}, mark{m} {}
    bool operator==(const imap_cursor&) const = default;
    std::string note() const;
    static std::optional<imap_cursor> from_note(std::string_view text);
};

struct imap_plan
{
    std::string folder = "INBOX";
    bool is_sent = false;  // the one that the server says is for sent mails (RFC 6154), where it says so
    bool make = false;     // it is made when it is not there
    std::uint64_t most = 50 * 1024 * 1024;     // bytes of a mail
    std::string own_ids;                       // what ends our own Message-IDs: those mails are passed over
    std::int64_t now = 0;                      // the mark to begin with
    std::size_t together = 20;                 // mails fetched at once, and
    std::uint64_t bytes_together = 4'000'000;  // not more than this, unless it is one
    imap_plan() = default;
};

struct imap_mail
{
    enum class is
    {
        whole,
        header,     // it is too large
        unreadable  // the server does not give it
    };
    is what = is::whole;
    std::uint32_t uid = 0;
    std::uint64_t size = 0;
    std::string bytes;
    imap_cursor after;
    imap_mail() = default;
};

struct imap_copy  // of a mail that was sent, for the folder
{
    std::string message_id, bytes;  // "<a@b>"
    imap_copy() = default;
    imap_copy(std::string i, std::string b) : message_id{std::move(i)}, bytes{std::move(b)} {}
};

class imap_session
{
public:
    enum class wish
    {
        read,
        rest,
        note,
        mail,
        over
    };
    static constexpr std::size_t most_listed = 500, most_missed = 100;
    static constexpr std::uint64_t most_header = 256 * 1024;

    imap_session(imap_plan plan, std::optional<imap_cursor> from);

    void feed(std::string_view bytes);
    wish next();
    std::string output() { return std::exchange(out_, {}); }
    std::chrono::seconds pause() const;
    void tired();
    void lost(std::string why);

    const imap_cursor& cursor() const noexcept { return cursor_; }
    void noted() { noted_ = cursor_; }
    const imap_mail& mail() const { return mails_.front(); }
    void took();
    // Puts it into the folder, as seen, unless one of that Message-ID is there. The next time that it rests.
    void append(imap_copy mail) { copies_.push_back(std::move(mail)); }
    std::size_t copies() const noexcept { return copies_.size(); }
    imap_copy take_copy();  // what a session that is over did not put there. REQUIRES: copies() > 0
    std::string news() { return std::exchange(news_, {}); }  // for the log; "" none
    const std::string& why() const noexcept { return why_; }

private:
    enum class doing
    {
        ready,  // nothing is asked
        offers,
        find,
        select,
        make,
        last_uid,
        list,
        fetch,
        idle,
        wake,  // of idle, or of poll
        poll,
        look_copy,
        put_copy,
        over
    };
    struct entry  // of a mail that is listed, and not fetched yet
    {
        std::uint32_t uid = 0;
        std::uint64_t size = 0;
        std::int64_t date = 0;
        bool ours = false;
    };

    void ask(doing what, const std::string& command);
    void hear(const imap_response& r);
    void hear_data(const imap_response& r);
    void hear_folder(const imap_response& r);
    void hear_fetch(const imap_value& list);
    void answered(const imap_response& r);
    void selected();
    void begin();
    void choose();
    void list(const std::string& range, bool by_uid);
    void listed();
    bool fetch_some();
    void fetched(const imap_response& r);
    void read_up_to(const entry& e);
    void copy_done(const imap_response& r);
    void rest();

    imap_plan plan_;
    imap_reader in_;
    std::string out_, why_, news_, tag_, mailbox_;  // mailbox_: the folder's name as it is written

    std::uint32_t tags_ = 0;
    doing doing_ = doing::ready;
    bool can_idle_ = false, idling_ = false;
    bool changed_ = true;  // there may be mails that are not listed yet
    // Mails missed under other UIDs are being read: the old cursor stands until all are.
    bool missing_ = false;
    std::optional<imap_cursor> from_, noted_;
    imap_cursor cursor_;
    std::uint32_t validity_ = 0, next_uid_ = 0, exists_ = 0;
    std::int64_t young_ = 0;
    std::map<std::uint32_t, entry> listed_;
    std::vector<entry> asked_;  // of the fetch that is under way, or was the last
    bool one_by_one_ = false, headers_only_ = false;
    std::map<std::uint32_t, imap_value> got_;
    std::deque<imap_mail> mails_;
    std::deque<imap_copy> copies_;
    bool copy_there_ = false;
};

}  // namespace rialto::email
