#include "bridges/email/mime.hpp"

#include <gtest/gtest.h>

namespace rialto::email::mime_test {
namespace {

parsed_mail read(std::string raw, const mime_limits& limits = {})
{
    auto got = read_mail(std::move(raw), limits);
    EXPECT_TRUE(got) << got.error().why;
    return got ? *got : parsed_mail{};
}

TEST(Mime, ReadsWhoSaidWhatToWhomAndWhen)
{
    const auto m = read(
        "From: =?utf-8?q?J=C3=BCrgen_?= =?utf-8?b?R8O2w59l?= <Juergen@X.example>\r\nTo: alice@chat.example, "
        "\"B, C\" <b@y.example>\r\n"
        "Cc: team: d@y.example, e@y.example;\r\nSubject: =?iso-8859-1?q?Gr=FC=DFe?=\r\n\tund mehr\r\n"
        "Date: Tue, 01 Sep 2026 10:00:00 +0200\r\nMessage-ID: <1@x.example>\r\nIn-Reply-To: <0@x.example>\r\n"
        "References: <-1@x.example>\r\n <0@x.example>\r\n\r\nHallo\r\n"
    );
    ASSERT_EQ(m.from.size(), 1u);
    EXPECT_EQ(m.from[0].shown_as, "Jürgen Göße");
    EXPECT_EQ(m.from[0].who.text(), "juergen@x.example");
    ASSERT_EQ(m.to.size(), 2u);
    EXPECT_EQ(m.to[1].shown_as, "B, C");
    EXPECT_EQ(m.cc.size(), 2u);
    EXPECT_EQ(m.subject, "Grüße und mehr");
    EXPECT_EQ(m.message_id, "<1@x.example>");
    EXPECT_EQ(m.in_reply_to, "<0@x.example>");
    EXPECT_EQ(m.references, (std::vector<std::string>{"<-1@x.example>", "<0@x.example>"}));
    EXPECT_EQ(
        std::chrono::duration_cast<std::chrono::seconds>(m.date.time_since_epoch()).count(), 1788249600
    );
    EXPECT_EQ(m.text, "Hallo\r\n");
    EXPECT_EQ(m.from_headers, 1u);
}

TEST(Mime, ReadsBothAlternativesAndTheFiles)
{
    const auto m = read(
        "From: c@x.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
        "Content-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain; "
        "charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=\r\n=C3=9Fe\r\n--i\r\nContent-Type: "
        "text/html\r\n\r\n<b>hi</b>\r\n--i--\r\n"
        "--o\r\nContent-Type: image/png; name=\"a.png\"\r\nContent-ID: <pic@x>\r\nContent-Transfer-Encoding: "
        "base64\r\n\r\niVBORw0KGgo=\r\n"
        "--o\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; "
        "filename*=utf-8''%E2%82%AC.txt\r\n\r\nnot said\r\n"
        "--o\r\nContent-Type: message/rfc822\r\n\r\nFrom: d@x.example\r\nSubject: "
        "inner\r\n\r\ninner\r\n--o--\r\n"
    );
    EXPECT_EQ(m.text, "Grüße");
    EXPECT_EQ(m.html, "<b>hi</b>");
    ASSERT_EQ(m.files.size(), 3u);
    EXPECT_EQ(m.files[0].bytes, "\x89PNG\r\n\x1a\n");
    EXPECT_TRUE(m.files[0].in_body);
    EXPECT_EQ(m.files[1].name, "€.txt");
    EXPECT_EQ(m.files[2].type, "message/rfc822");
    EXPECT_NE(m.files[2].bytes.find("Subject: inner"), std::string::npos);
    EXPECT_FALSE(m.cut);
}

TEST(Mime, GivesValidTextForEveryCharset)
{
    const auto text = [](const std::string& type, const std::string& bytes) {
        return read("From: a@x.example\r\nContent-Type: text/plain" + type + "\r\n\r\n" + bytes)
            .text.value_or("none");
    };
    EXPECT_EQ(text("; charset=iso-8859-15", "\xa4"), "€");
    EXPECT_EQ(text("; charset=utf-8", "Gr\xfc\xdf"), "Grüß") << "it lies";
    EXPECT_EQ(text("", "Gr\xfc\xdf"), "Grüß");
    EXPECT_EQ(text("; charset=no-such-charset", "Gr\xfc\xdf"), "Grüß");
    EXPECT_EQ(text("; charset=../../etc/passwd", "\xc3\xbc"), "ü");
    EXPECT_EQ(text("; charset=iso-8859-1", "\x93x\x94"), "“x”") << "as browsers read it";
    EXPECT_EQ(text("; charset=iso-2022-jp", "\x1b$B$\"\x1b(B"), "あ");
    EXPECT_EQ(text("; charset=utf-16le", std::string("h\0i\0", 4)), "hi");
    EXPECT_EQ(text("; charset=utf-8", std::string("a\0b", 3)), std::string("a\0b", 3))
        << "goes on behind a NUL";
}

TEST(Mime, ReadsRawHeadersOfEightBits)
{
    EXPECT_EQ(read("From: a@x.example\r\nSubject: Größe\r\n\r\n").subject, "Größe");
    EXPECT_EQ(read("From: a@x.example\r\nSubject: Gr\xf6\xdf\x65\r\n\r\n").subject, "Größe");
    EXPECT_EQ(
        read("From: Jürgen <jürgen@bücher.example>\r\n\r\n").from.at(0).who.text(),
        "jürgen@xn--bcher-kva.example"
    );
}

TEST(Mime, JoinsWhatFlowed)
{
    EXPECT_EQ(
        read("From: a@x.example\r\nContent-Type: text/plain; format=flowed\r\n\r\none \r\ntwo\r\n> q1 \r\n> "
             "q2\r\n  stuffed\r\n-- \r\nme\r\n")
            .text,
        "one two\n> q1 q2\n stuffed\n-- \nme\n"
    );
}

TEST(Mime, CountsSeveralAuthors)
{
    const auto m = read("From: a@x.example\r\nFrom: b@x.example\r\n\r\n");
    EXPECT_EQ(m.from_headers, 2u);
    EXPECT_EQ(read("From: a@x.example, b@x.example\r\n\r\n").from_people, 2u);
    EXPECT_EQ(read("From: nobody\r\n\r\n").from_people, 1u);
    EXPECT_TRUE(read("From: nobody\r\n\r\n").from.empty());
}

TEST(Mime, TellsWhatIsAutomatic)
{
    const auto m = read(
        "From: a@x.example\r\nReceived: from x\r\nReceived: from y\r\nAuto-Submitted: "
        "Auto-Replied\r\nPrecedence: BULK\r\n"
        "List-Id: <L.x.example>\r\nList-Unsubscribe: <https://x.example/U>\r\nX-Auto-Response-Suppress: "
        "All\r\n"
        "Authentication-Results: mx; dmarc=pass\r\nAuthentication-Results: mx2;\r\n none\r\n\r\n"
    );
    EXPECT_EQ(m.received, 2u);
    EXPECT_EQ(m.auto_submitted, "auto-replied");
    EXPECT_EQ(m.precedence, "bulk");
    EXPECT_EQ(m.list_id, "<l.x.example>");
    EXPECT_EQ(m.list_unsubscribe, "<https://x.example/U>");
    EXPECT_EQ(m.suppress, "all");
    EXPECT_EQ(m.authentication, (std::vector<std::string>{"mx; dmarc=pass", "mx2; none"}));
}

TEST(Mime, FindsTheStatusInABounce)
{
    const auto m = read(
        "From: MAILER-DAEMON@x.example\r\nContent-Type: multipart/report; report-type=delivery-status; "
        "boundary=b\r\n\r\n"
        "--b\r\n\r\nsorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; "
        "x\r\n\r\nFinal-Recipient: rfc822; a@b\r\nAction: failed\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n--b--\r\n"
    );
    EXPECT_TRUE(m.is_report);
    ASSERT_TRUE(m.delivery_status);
    EXPECT_NE(m.delivery_status->find("Final-Recipient: rfc822; a@b"), std::string::npos);
}

TEST(Mime, TakesWhatIsHardlyAMail)
{
    EXPECT_EQ(read("").text.value_or(""), "");
    EXPECT_EQ(read("no header at all\r\n").from.size(), 0u);
    EXPECT_EQ(read("\r\nbody only\r\n").text, "body only\r\n");
    (void)read("From: a\rSubject: b\r\rtext");
    (void)read("Content-Type: multipart/mixed; boundary=x\r\n\r\n");
    (void)read("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!not base64");
    (void)read(std::string("From: a@\0b\r\n\r\n\0", 15));
}

TEST(Mime, WithstandsBombs)
{
    std::string groups = "To: ";
    for (int i = 0; i < 100'000; ++i)
        groups += "g:";
    EXPECT_LE(read(groups + "\r\n\r\n").to.size(), 500u);
    EXPECT_LE(
        read("Content-Type: message/rfc822\r\n\r\nSubject: in\r\n" + groups + "\r\n\r\n").files.size(), 1u
    );

    std::string deep = "From: a@x.example\r\n";
    for (int i = 0; i < 2'000; ++i)
        deep += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" +
                std::to_string(i) + "\r\n";
    EXPECT_TRUE(read(deep).cut);

    std::string many = "From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (int i = 0; i < 5'000; ++i)
        many += "--b\r\n\r\nx\r\n";
    EXPECT_TRUE(read(many).cut);

    EXPECT_FALSE(read_mail("From: a@x.example\r\nX: " + std::string(300 * 1024, 'x') + "\r\n\r\n"));
    EXPECT_TRUE(read("From: a@x.example\r\n\r\n" + std::string(2 * 1024 * 1024, 'x')).cut);
}

TEST(Mime, ReadsNamesOfMails)
{
    EXPECT_EQ(message_id_in(" <a@b> (x)"), "<a@b>");
    EXPECT_EQ(message_id_in("<a\r\n @b>"), "<a@b>");
    EXPECT_EQ(message_id_in("a@b"), "");
    EXPECT_EQ(message_id_in("<"), "");
    EXPECT_EQ(message_id_in("<>"), "");
    EXPECT_EQ(message_id_in("<" + std::string(500, 'x') + ">"), "");
    std::string many;
    for (int i = 0; i < 80; ++i)
        many += "<" + std::to_string(i) + "@x>";
    EXPECT_EQ(message_ids_in(many).size(), 50u);
    EXPECT_EQ(message_ids_in(many).back(), "<79@x>");
}

outgoing_mail letter()
{
    outgoing_mail m;
    m.message_id = "<k1.v1@chat.example>";
    m.in_reply_to = "<0@x.example>";
    m.references = {"<-1@x.example>", "<0@x.example>"};
    m.from = mail_person{"Alice Å", *parse_address("alice@chat.example")};
    m.to.emplace_back("Carol, C.", *parse_address("carol@x.example"));
    m.subject = "Re: Grüße";
    m.text = "Hällo\n.\nFrom here\n" + std::string(2000, 'y') + "\n";
    m.html = "<p>Hällo</p>";
    m.date = timestamp{std::chrono::seconds{1788249600}};
    m.boundary = "k1";
    return m;
}

TEST(Mime, ReadsWhatItWrote)
{
    const auto raw = write_mail(letter());
    const auto m = read(raw);
    EXPECT_EQ(m.message_id, "<k1.v1@chat.example>") << raw;
    EXPECT_EQ(m.in_reply_to, "<0@x.example>");
    EXPECT_EQ(m.references, letter().references);
    ASSERT_EQ(m.from.size(), 1u);
    EXPECT_EQ(m.from[0], letter().from);
    EXPECT_EQ(m.to, letter().to);
    EXPECT_EQ(m.subject, "Re: Grüße");
    EXPECT_EQ(m.date, letter().date);
    auto text = *m.text;
    std::erase(text, '\r');
    EXPECT_EQ(text, letter().text);
    EXPECT_EQ(m.html, letter().html);
    EXPECT_EQ(write_mail(letter()), raw) << "the same mail has the same bytes";
}

TEST(Mime, WritesLinesThatEveryServerTakes)
{
    const auto raw = write_mail(letter());
    for (std::size_t at = 0; at < raw.size();) {
        const auto end = raw.find('\n', at);
        ASSERT_NE(end, raw.npos);
        EXPECT_EQ(raw[end - 1], '\r') << raw.substr(at, end - at);
        EXPECT_LE(end - at, 998u);
        at = end + 1;
    }
    for (const char c : raw)
        EXPECT_LT(static_cast<unsigned char>(c), 128);
}

TEST(Mime, CarriesFilesAsTheyAre)
{
    std::string all;
    for (int i = 0; i < 3 * 256; ++i)
        all += static_cast<char>(i);
    const auto add = [&](outgoing_mail& m, const std::string& name, const std::string& type) {
        mail_file f;
        f.name = name;
        f.type = type;
        f.bytes = all + "\n.\nFrom x\r\r\n";
        m.files.push_back(std::move(f));
    };
    auto m = letter();
    add(m, "Grüße.txt", "text/plain");
    add(m, "in \"quotes\"\r\nBcc: x", "image/png");
    add(m, "", "message/rfc822");
    add(m, "x", "no type; name=\"y\"");
    const auto raw = write_mail(m);
    const auto got = read(raw);
    EXPECT_EQ(got.html, letter().html);
    ASSERT_EQ(got.files.size(), 4u);
    for (const auto& f : got.files)
        EXPECT_EQ(f.bytes, m.files[0].bytes) << f.name;
    EXPECT_EQ(got.files[0].name, "Grüße.txt");
    EXPECT_EQ(got.files[0].type, "text/plain");
    EXPECT_EQ(got.files[1].type, "image/png");
    EXPECT_EQ(got.files[2].name, "file");
    EXPECT_EQ(got.files[3].type, "application/octet-stream");
    EXPECT_EQ(raw.find("\nBcc:"), raw.npos);
    EXPECT_EQ(write_mail(m), raw) << "the same mail has the same bytes";
    m.text.clear();
    m.html.clear();
    EXPECT_FALSE(read(write_mail(m)).text) << "a file alone";
}

TEST(Mime, LetsNoValueBecomeAHeader)
{
    auto m = letter();
    const std::string evil = "x\r\nBcc: evil@x.example\r\n\r\nbody";
    m.subject = evil;
    m.from.shown_as = evil;
    m.to[0].shown_as = evil;
    m.message_id = "<a@b>\r\nBcc: evil@x.example";
    m.in_reply_to = "<a\r\nBcc: evil@x.example>";
    m.references = {evil, "<ok@x>\nBcc: y"};
    m.auto_submitted = evil;
    const auto raw = write_mail(m);
    EXPECT_EQ(raw.substr(0, raw.find("\r\n\r\n")).find("\nBcc:"), raw.npos) << raw;
    EXPECT_EQ(read(raw).to.size(), 1u);
}

}  // namespace
}  // namespace rialto::email::mime_test
