// mail_corpus DIRECTORY: reads the mails of others that `./dev peers` unpacked there: 2,403 of mailing lists,
// 115 that came back, 79 that are broken on purpose. None may be lost, none that came back may be taken for
// what somebody wrote, nothing may come out that is not UTF-8. Prints a table; the status says whether all
// held.
#include "bridges/email/dsn.hpp"
#include "bridges/email/reception.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

namespace {

using namespace rialto;
using namespace rialto::email;
namespace fs = std::filesystem;

int complaints = 0;

void expect(bool held, const std::string& what)
{
    if (held)
        return;
    ++complaints;
    std::cout << "FAILED  " << what << "\n";
}

struct entry
{
    std::string name;
    parsed_mail mail;
    std::size_t bytes = 0;
};

// All mails below a folder; one that cannot be read is a complaint.
std::vector<entry> mails_in(const fs::path& folder, const std::set<std::string>& suffixes)
{
    std::vector<entry> out;
    expect(fs::is_directory(folder), folder.string() + " is not there: run ./dev peers");
    if (!fs::is_directory(folder))
        return out;
    const auto began = std::chrono::steady_clock::now();
    std::size_t bytes = 0;
    for (const auto& file : fs::recursive_directory_iterator{folder}) {
        if (!file.is_regular_file() || !suffixes.contains(file.path().extension().string()))
            continue;
        std::ifstream in{file.path(), std::ios::binary};
        std::string raw{std::istreambuf_iterator<char>{in}, {}};
        bytes += raw.size();
        const auto size = raw.size();
        auto read = read_mail(std::move(raw));
        expect(static_cast<bool>(read), file.path().string() + (read ? "" : ": " + read.error().why));
        if (read)
            out.push_back({file.path().filename().string(), std::move(*read), size});
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::cout << folder.string() << ": " << out.size() << " mails, " << bytes << " bytes in " << took.count()
              << " s\n";
    return out;
}

// What a reader would be shown of it.
void show(const entry& e)
{
    const auto& m = e.mail;
    const auto body = body_of(m);
    const auto words = body.words.plain();
    bool utf8 = text::is_utf8(words) && text::is_utf8(m.subject);
    for (const auto& f : m.files)
        utf8 = utf8 && text::is_utf8(f.name) && text::is_utf8(f.type);
    for (const auto& who : m.from)
        utf8 = utf8 && text::is_utf8(who.shown_as) && text::is_utf8(who.who.text());
    expect(utf8, e.name + ": something is not UTF-8");
    const bool said = !m.text.value_or("").empty() || !m.html.value_or("").empty();
    const bool shown = !words.empty() || !body.more.empty() || !m.files.empty();
    const auto blank = m.text.value_or("").find_first_not_of(" \r\n\t") == std::string::npos;
    expect(shown || !said || blank, e.name + ": its words are lost");
}

void lists(const fs::path& folder)
{
    const auto all = mails_in(folder, {".eml"});
    std::set<std::string> ids;
    for (const auto& e : all)
        ids.insert(e.mail.message_id);
    std::size_t referring = 0, resolved = 0;
    for (const auto& e : all) {
        show(e);
        auto parents = e.mail.references;
        if (!e.mail.in_reply_to.empty())
            parents.push_back(e.mail.in_reply_to);
        referring += parents.empty() ? 0 : 1;
        resolved += std::ranges::any_of(parents, [&](const auto& id) { return ids.contains(id); }) ? 1 : 0;
    }
    std::cout << "lists: " << referring << " refer to mails, " << resolved << " to one that is here\n";
    expect(all.size() >= 2400, "there are 2,403 mails of lists");
    expect(resolved >= 886, "886 have their parents among them");
}

void bounces(const fs::path& folder)
{
    const auto all = mails_in(folder, {".txt", ".eml"});
    std::size_t status = 0, answers = 0, named = 0;
    for (const auto& e : all) {
        show(e);
        const auto kind = kind_of_return(e.mail);
        status += kind == returned::status ? 1 : 0;
        answers += kind == returned::answer ? 1 : 0;
        if (e.mail.delivery_status)
            named += read_delivery_status(*e.mail.delivery_status).about.empty() ? 0 : 1;
    }
    std::cout << "bounces: " << status << " with a delivery status, " << named << " that name a recipient, "
              << answers << " shown as chat\n";
    expect(all.size() >= 100, "there are 115 bounces");
    expect(answers == 0, "a bounce is taken for an answer");
}

void broken(const fs::path& folder)
{
    const auto all = mails_in(folder, {".raw", ".eml"});
    for (const auto& e : all)
        show(e);
    expect(all.size() >= 75, "there are 75 malformed mails");
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::cerr << "usage: mail_corpus DIRECTORY\n";
        return 64;
    }
    const fs::path usr = fs::path{argv[1]} / "usr";
    lists(usr / "share/gocode/src/github.com/gatherstars-com/jwz/test/testdata/ham");
    bounces(usr / "lib/python3/dist-packages/flufl/bounce/tests/data");
    broken(usr / "share/gocode/src/github.com/jhillyerd/enmime/testdata");
    return complaints == 0 ? 0 : 1;
}
