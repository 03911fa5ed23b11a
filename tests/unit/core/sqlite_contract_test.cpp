// What core/store.hpp promises, asked of the real store and of the one in memory alike.
#include "core/sqlite_store.hpp"
#include "tests/fakes/memory_store.hpp"
#include "tests/unit/core/sqlite_testing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rialto::sqlite_contract_test {
namespace {

using testing::ElementsAre;

struct in_memory
{
    std::unique_ptr<store> open(store_test& t) { return std::make_unique<memory_store>(t.executor()); }
};
struct on_disk
{
    std::unique_ptr<store> open(store_test& t) { return open_store(t.executor(), t.file()); }
};

template <class Which>
class StoreContract : public testing::Test
{
protected:
    store_test t_;
    std::unique_ptr<store> store_ = Which{}.open(t_);

    std::vector<std::int64_t> commit(std::vector<store_change> all)
    {
        auto done = t_.run(store_->commit(std::move(all)));
        EXPECT_TRUE(done) << done.error().why;
        return done ? *done : std::vector<std::int64_t>{};
    }
    position put(item it)
    {
        const auto numbers = commit(changes(put_item{std::move(it)}));
        EXPECT_EQ(numbers.size(), 1U);
        return numbers.empty() ? -1 : numbers.front();
    }
    item get(position seq)
    {
        auto found = t_.run(store_->get(seq));
        EXPECT_TRUE(found && *found) << "no item " << seq;
        return found && *found ? **found : item{};
    }
    position find(side s, const std::string& id, portal_key p = 1)
    {
        auto found = t_.run(store_->find(p, s, id));
        return found && *found ? (*found)->seq : 0;
    }
    std::vector<position> waiting(position after = 0, std::size_t most = 100)
    {
        return seqs(t_.run(store_->waiting(after, most)));
    }
};
using Stores = testing::Types<in_memory, on_disk>;

class Named
{
public:
    template <class T>
    static std::string GetName(int)
    {
        return std::is_same_v<T, on_disk> ? "Sqlite" : "Memory";
    }
};
TYPED_TEST_SUITE(StoreContract, Stores, Named);

TYPED_TEST(StoreContract, BringsBackAnItemAsItWasPut)
{
    item it = from_far("f1");
    it.also = {"f1a", "quo\"te\n"};
    it.matrix_id = "$e";
    it.now = stage::held;
    it.payload = std::string{"{\"a\":\"\0\"}", 9};
    it.root = 7;
    it.taken_ms = 1'700'000'000'123;
    it.first_try_ms = 5;
    it.generation = 4'000'000'000U;
    it.why = "because";
    const auto seq = this->put(it);
    const auto back = this->get(seq);
    EXPECT_EQ(back.seq, seq);
    EXPECT_EQ(back.portal, it.portal);
    EXPECT_EQ(back.bound, it.bound);
    EXPECT_EQ(back.now, it.now);
    EXPECT_EQ(back.matrix_id, it.matrix_id);
    EXPECT_EQ(back.far_id, it.far_id);
    EXPECT_EQ(back.also, it.also);
    EXPECT_EQ(back.author, it.author);
    EXPECT_EQ(back.payload, it.payload);
    EXPECT_EQ(back.root, it.root);
    EXPECT_EQ(back.taken_ms, it.taken_ms);
    EXPECT_EQ(back.first_try_ms, it.first_try_ms);
    EXPECT_EQ(back.generation, it.generation);
    EXPECT_EQ(back.why, it.why);
}

TYPED_TEST(StoreContract, GivesRisingPositionsInTheOrderOfTheChanges)
{
    const auto first = this->commit(changes(put_item{from_far("a")}, put_item{from_matrix("$b")}));
    const auto second = this->put(from_far("c"));
    ASSERT_EQ(first.size(), 2U);
    EXPECT_LT(0, first[0]);
    EXPECT_LT(first[0], first[1]);
    EXPECT_LT(first[1], second);
}

TYPED_TEST(StoreContract, LeavesOutWhatComesBackUnderTheNameThatTheFarSideGaveIt)
{
    const auto sent = this->put(from_matrix("$a"));
    this->commit(changes(mark_sent{sent, "stanza1"}));
    EXPECT_EQ(this->put(from_far("stanza1")), 0) << "our own words in the archive";
    EXPECT_NE(this->put(from_far("stanza2")), 0);
    EXPECT_NE(this->put(from_matrix("stanza1")), 0) << "only what comes from the far side";
}

TYPED_TEST(StoreContract, LeavesOutAnItemWhoseOriginIdIsKnownInThePortalAndDirection)
{
    const auto first = this->put(from_far("a"));
    EXPECT_EQ(this->put(from_far("a")), 0);
    EXPECT_EQ(this->commit(changes(put_item{from_far("a")}, put_item{from_far("b")})).front(), 0);
    EXPECT_NE(this->put(from_far("a", 2)), 0) << "another portal";
    auto other_way = from_matrix("$a");
    other_way.far_id = "a";
    EXPECT_NE(this->put(other_way), 0) << "the other direction";
    EXPECT_EQ(this->get(first).far_id, "a");

    EXPECT_NE(this->put(from_matrix("$x")), 0);
    EXPECT_EQ(this->put(from_matrix("$x")), 0);
}

TYPED_TEST(StoreContract, LeavesOutTheSecondOfTwoWithOneOriginIdInOneCommit)
{
    const auto numbers = this->commit(changes(put_item{from_far("a")}, put_item{from_far("a")}));
    ASSERT_EQ(numbers.size(), 2U);
    EXPECT_NE(numbers[0], 0);
    EXPECT_EQ(numbers[1], 0);
}

TYPED_TEST(StoreContract, KeepsEveryItemThatHasNoOriginId)
{
    const auto one = this->put(from_far(""));
    const auto two = this->put(from_far(""));
    EXPECT_NE(one, 0);
    EXPECT_NE(two, 0);
    EXPECT_EQ(this->find(side::far, ""), 0) << "and nothing is found by no name";
}

TYPED_TEST(StoreContract, FindsAnItemByEveryName)
{
    auto it = from_far("f");
    it.also = {"f2", "f3"};
    const auto in = this->put(it);
    const auto out = this->put(from_matrix("$m"));
    EXPECT_EQ(this->find(side::far, "f"), in);
    EXPECT_EQ(this->find(side::far, "f3"), in);
    EXPECT_EQ(this->find(side::matrix, "$m"), out);
    EXPECT_EQ(this->find(side::matrix, "$e"), 0);

    this->commit(changes(mark_sent{in, "$e", strings("$e-part2")}, mark_sent{out, "s", strings("s-origin")}));
    EXPECT_EQ(this->find(side::matrix, "$e"), in);
    EXPECT_EQ(this->find(side::matrix, "$e-part2"), in);
    EXPECT_EQ(this->find(side::far, "s"), out);
    EXPECT_EQ(this->find(side::far, "s-origin"), out);

    EXPECT_EQ(this->find(side::far, "$e"), 0) << "the sides are apart";
    EXPECT_EQ(this->find(side::matrix, "f2"), 0);
    EXPECT_EQ(this->find(side::far, "f", 2), 0) << "and so are the portals";
}

TYPED_TEST(StoreContract, FindsTheExactIdBeforeAnAliasAndTheNewestOfSeveral)
{
    const auto exact = this->put(from_far("x"));
    auto later = from_far("y");
    later.also = {"x", "z"};
    this->put(later);
    EXPECT_EQ(this->find(side::far, "x"), exact);

    auto latest = from_far("y2");
    latest.also = {"z"};
    const auto newest = this->put(latest);
    EXPECT_EQ(this->find(side::far, "z"), newest);

    const auto one = this->put(from_matrix("$1"));
    const auto two = this->put(from_matrix("$2"));
    this->commit(changes(mark_sent{two, "same"}, mark_sent{one, "same"}));
    EXPECT_EQ(this->find(side::far, "same"), two);
}

TYPED_TEST(StoreContract, GivesAHeldItemItsPlaceWhenItIsReleased)
{
    auto early = from_matrix("$held");
    early.now = stage::held;
    const auto before = this->put(early);
    const auto later = this->put(from_matrix("$later"));
    const auto numbers = this->commit(changes(release_item{early.portal, "$held"}));
    ASSERT_EQ(numbers.size(), 1U);
    EXPECT_GT(numbers.front(), later);
    EXPECT_EQ(this->find(side::matrix, "$held"), numbers.front());
    EXPECT_EQ(this->get(numbers.front()).now, stage::queued);
    EXPECT_EQ(this->get(numbers.front()).payload, early.payload);
    EXPECT_EQ(this->commit(changes(put_item{from_matrix("$next")})).front(), numbers.front() + 1);
    EXPECT_EQ(this->commit(changes(put_item{early})).front(), 0) << before;
}

TYPED_TEST(StoreContract, ReleasesOnlyWhatIsHeld)
{
    const auto it = from_matrix("$1");
    this->put(it);
    const auto numbers =
        this->commit(changes(release_item{it.portal, "$1"}, release_item{it.portal, "$none"}));
    EXPECT_EQ(numbers, (std::vector<std::int64_t>{0, 0}));
}

TYPED_TEST(StoreContract, RemembersTheFirstTry)
{
    const auto seq = this->put(from_far("a"));
    this->commit(changes(mark_trying{seq, 12345, 3}));
    const auto it = this->get(seq);
    EXPECT_EQ(it.now, stage::sending);
    EXPECT_EQ(it.first_try_ms, 12345);
    EXPECT_EQ(it.generation, 3U);
    EXPECT_FALSE(it.payload.empty());
}

TYPED_TEST(StoreContract, ClearsThePayloadOfWhatIsSentOrWithdrawnButNotOfTheDead)
{
    const auto sent = this->put(from_far("a"));
    const auto withdrawn = this->put(from_far("b"));
    const auto dead = this->put(from_far("c"));
    this->commit(changes(
        mark_sent{sent, "$a"}, mark_stage{withdrawn, stage::withdrawn, "redacted"},
        mark_stage{dead, stage::dead, "banned"}
    ));
    EXPECT_EQ(this->get(sent).payload, "");
    EXPECT_EQ(this->get(sent).now, stage::sent);
    EXPECT_EQ(this->get(sent).matrix_id, "$a");
    EXPECT_EQ(this->get(withdrawn).payload, "");
    EXPECT_EQ(this->get(withdrawn).now, stage::withdrawn);
    EXPECT_EQ(this->get(withdrawn).why, "redacted");
    EXPECT_NE(this->get(dead).payload, "");
    EXPECT_EQ(this->get(dead).why, "banned");

    auto link = from_far("d");
    link.now = stage::sent;
    EXPECT_EQ(this->get(this->put(link)).payload, "") << "put as a link at once";
}

TYPED_TEST(StoreContract, KeepsTheOriginsIdWhenItIsSettled)
{
    const auto out = this->put(from_matrix("$m"));
    this->commit(changes(mark_sent{out, ""}));
    EXPECT_EQ(this->get(out).matrix_id, "$m");
    EXPECT_EQ(this->get(out).far_id, "");
    EXPECT_EQ(this->put(from_matrix("$m")), 0) << "still known";
}

TYPED_TEST(StoreContract, ListsWhatWaitsInOrderAndInPages)
{
    std::vector<position> all;
    for (int i = 0; i < 7; ++i)
        all.push_back(this->put(from_far("f" + std::to_string(i))));
    this->commit(changes(
        mark_sent{all[0], "$"}, mark_stage{all[1], stage::dead, "x"}, mark_stage{all[2], stage::held, ""},
        mark_trying{all[3], 1, 1}, mark_stage{all[4], stage::withdrawn, ""}
    ));
    EXPECT_THAT(this->waiting(), ElementsAre(all[2], all[3], all[5], all[6]));
    EXPECT_THAT(this->waiting(0, 3), ElementsAre(all[2], all[3], all[5]));
    EXPECT_THAT(this->waiting(all[5], 3), ElementsAre(all[6]));
    EXPECT_THAT(this->waiting(all[6], 3), ElementsAre());
}

TYPED_TEST(StoreContract, ListsTheDeadAndLetsThemRunAgain)
{
    const auto a = this->put(from_far("a"));
    const auto b = this->put(from_far("b", 2));
    this->commit(changes(mark_stage{b, stage::dead, "no"}, mark_stage{a, stage::dead, "no"}));
    EXPECT_THAT(seqs(this->t_.run(this->store_->dead(0, 10))), ElementsAre(a, b));
    EXPECT_THAT(seqs(this->t_.run(this->store_->dead(0, 1))), ElementsAre(a));
    EXPECT_THAT(seqs(this->t_.run(this->store_->dead(2, 10))), ElementsAre(b));
    this->commit(changes(mark_stage{a, stage::queued, ""}));
    EXPECT_THAT(this->waiting(), ElementsAre(a));
    EXPECT_EQ(this->get(a).why, "");
}

TYPED_TEST(StoreContract, RemembersWhyALetterDiedAndWhetherItsAuthorKnows)
{
    const auto a = this->put(from_far("a"));
    const auto b = this->put(from_far("b"));
    failure why{verdict::unsupported, cause::banned, "banned"};
    why.certain = false;
    this->commit(changes(mark_dead{a, why, 4}, mark_dead{b, why, 1}));
    const auto it = this->get(a);
    EXPECT_EQ(it.now, stage::dead);
    EXPECT_EQ(it.why, "banned");
    EXPECT_EQ(it.kind, cause::banned);
    EXPECT_EQ(it.next, verdict::unsupported);
    EXPECT_FALSE(it.certain);
    EXPECT_EQ(it.tries, 4U);
    EXPECT_NE(it.payload, "");
    EXPECT_THAT(seqs(this->t_.run(this->store_->untold(0, 10))), ElementsAre(a, b));
    EXPECT_THAT(seqs(this->t_.run(this->store_->untold(a, 10))), ElementsAre(b));
    this->commit(changes(mark_told{a}));
    EXPECT_THAT(seqs(this->t_.run(this->store_->untold(0, 10))), ElementsAre(b));
    this->commit(changes(mark_dead{a, why, 5}));
    EXPECT_THAT(seqs(this->t_.run(this->store_->untold(0, 10))), ElementsAre(a, b)) << "it died once more";
}

TYPED_TEST(StoreContract, PutsADeadLetterBackBehindWhatWaits)
{
    auto letter = from_far("a");
    letter.also = {"alias of a"};
    const auto a = this->put(letter);
    failure unsure{verdict::give_up, cause::away, "it could not be delivered for too long"};
    unsure.certain = false;
    this->commit(changes(mark_dead{a, unsure, 2}));
    const auto b = this->put(from_far("b"));
    const auto numbers = this->commit(changes(requeue{a, 777}));
    ASSERT_EQ(numbers.size(), 1U);
    EXPECT_GT(numbers[0], b);
    EXPECT_THAT(this->waiting(), ElementsAre(b, numbers[0]));
    const auto again = this->get(numbers[0]);
    EXPECT_EQ(again.now, stage::queued);
    EXPECT_EQ(again.taken_ms, 777);
    EXPECT_NE(again.first_try_ms, 0) << "it may have arrived: it counts as tried";
    EXPECT_NE(again.payload, "");
    EXPECT_EQ(this->find(side::far, "a"), numbers[0]);
    EXPECT_EQ(this->find(side::far, "alias of a"), numbers[0]);
    EXPECT_EQ(this->put(from_far("a")), 0) << "still known";
    EXPECT_THAT(this->commit(changes(requeue{a, 1}, requeue{b, 1})), ElementsAre(0, 0)) << "not dead";
}

TYPED_TEST(StoreContract, CountsALetterThatSurelyDidNotArriveAsUntried)
{
    auto letter = from_far("a");
    letter.first_try_ms = 5;
    const auto a = this->put(letter);
    this->commit(changes(mark_dead{a, failure{verdict::give_up, cause::banned, "banned"}, 1}));
    EXPECT_EQ(this->get(this->commit(changes(requeue{a, 777})).front()).first_try_ms, 0);
}

TYPED_TEST(StoreContract, ReplacesThePayloadAndTheRoot)
{
    const auto seq = this->put(from_matrix("$a"));
    this->commit(changes(put_payload{seq, "folded"}, mark_root{seq, 3}));
    EXPECT_EQ(this->get(seq).payload, "folded");
    EXPECT_EQ(this->get(seq).root, 3);
}

TYPED_TEST(StoreContract, IgnoresMarksOfWhatIsNotThere)
{
    EXPECT_THAT(
        this->commit(changes(
            mark_trying{99, 1, 1}, mark_sent{99, "x", strings("y")}, mark_stage{99, stage::dead, ""},
            mark_root{99, 1}, put_payload{99, "p"}
        )),
        ElementsAre()
    );
    auto none = this->t_.run(this->store_->get(99));
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
}

TYPED_TEST(StoreContract, KeepsPortalsUnderKeysThatAreNeverUsedAgain)
{
    const auto row = a_portal("orchard@muc");
    const auto key = this->commit(changes(put_portal{row}, put_item{from_far("a")})).front();
    auto closed = row;
    closed.key = key;
    closed.open = false;
    EXPECT_THAT(this->commit(changes(put_portal{closed})), ElementsAre(key));
    EXPECT_THAT(*this->t_.run(this->store_->portals()), testing::IsEmpty());

    const auto again = this->commit(changes(put_portal{row})).front();
    EXPECT_GT(again, key);
    const auto open = this->t_.run(this->store_->portals());
    ASSERT_TRUE(open);
    ASSERT_EQ(open->size(), 1U);
    const auto& back = open->front();
    EXPECT_EQ(back.key, again);
    EXPECT_EQ(back.network, row.network);
    EXPECT_EQ(back.room, row.room);
    EXPECT_EQ(back.account, row.account);
    EXPECT_EQ(back.matrix_room, row.matrix_room);
    EXPECT_EQ(back.is, row.is);
    EXPECT_EQ(back.state, row.state);
    EXPECT_TRUE(back.open);
}

TYPED_TEST(StoreContract, RefusesASecondOpenPortalOfAFarRoomAndWritesNothingOfThatCommit)
{
    this->commit(changes(put_portal{a_portal("orchard@muc")}));
    auto twice = this->t_.run(
        this->store_->commit(changes(put_item{from_far("a")}, put_portal{a_portal("orchard@muc")}))
    );
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().kind, cause::conflict);
    EXPECT_EQ(this->find(side::far, "a"), 0);
    EXPECT_NE(this->put(from_far("a")), 0) << "and the next commit is not harmed";
}

TYPED_TEST(StoreContract, ChangesAPortalInItsPlace)
{
    auto row = a_portal("orchard@muc");
    row.key = this->commit(changes(put_portal{row})).front();
    row.matrix_room = "!new";
    row.state = "{}";
    this->commit(changes(put_portal{row}));
    const auto open = this->t_.run(this->store_->portals());
    ASSERT_EQ(open->size(), 1U);
    EXPECT_EQ(open->front().matrix_room, "!new");
    EXPECT_EQ(open->front().state, "{}");
}

TYPED_TEST(StoreContract, KnowsPeopleFromBothSides)
{
    const auto romeo = a_person("romeo@montague", "@_rialto_x_romeo:hs");
    this->commit(changes(put_person{romeo}));
    for (const auto& found :
         {this->t_.run(this->store_->person_by_far("x", user_id{"romeo@montague"})),
          this->t_.run(this->store_->person_by_mxid("x", "@_rialto_x_romeo:hs"))}) {
        ASSERT_TRUE(found && *found);
        EXPECT_EQ((*found)->network, romeo.network);
        EXPECT_EQ((*found)->far, romeo.far);
        EXPECT_EQ((*found)->mxid, romeo.mxid);
        EXPECT_EQ((*found)->puppet, romeo.puppet);
        EXPECT_EQ((*found)->shown_as, romeo.shown_as);
        EXPECT_EQ((*found)->avatar_hash, romeo.avatar_hash);
        EXPECT_EQ((*found)->generation, romeo.generation);
    }
    EXPECT_FALSE(*this->t_.run(this->store_->person_by_far("y", user_id{"romeo@montague"})));
}

TYPED_TEST(StoreContract, ReplacesAPersonWhoseAddressOrMxidIsGivenToAnother)
{
    this->commit(changes(put_person{a_person("old@x", "@a:hs")}, put_person{a_person("new@x", "@a:hs")}));
    EXPECT_FALSE(*this->t_.run(this->store_->person_by_far("x", user_id{"old@x"})));
    EXPECT_EQ((*this->t_.run(this->store_->person_by_mxid("x", "@a:hs")))->far.value, "new@x");
    this->commit(changes(put_person{a_person("new@x", "@b:hs")}));
    EXPECT_FALSE(*this->t_.run(this->store_->person_by_mxid("x", "@a:hs")));
}

TYPED_TEST(StoreContract, KeepsReactionsAsSetsOfTheirPeople)
{
    this->commit(changes(
        put_reaction{reaction_row{1, "$t", "@a:hs", "👍", "$r1"}},
        put_reaction{reaction_row{1, "$t", "@a:hs", "❤", "$r2"}},
        put_reaction{reaction_row{1, "$t", "@b:hs", "👍", "$r3"}},
        put_reaction{reaction_row{2, "$t", "@a:hs", "👍", "$r1"}}
    ));
    EXPECT_THAT(ids(this->t_.run(this->store_->reactions(1, "$t", "@a:hs"))), ElementsAre("$r1", "$r2"));
    EXPECT_THAT(ids(this->t_.run(this->store_->reactions(1, "$t", ""))), ElementsAre("$r1", "$r2", "$r3"));
    this->commit(changes(drop_reaction{1, "$r1"}));
    EXPECT_THAT(ids(this->t_.run(this->store_->reactions(1, "$t", "@a:hs"))), ElementsAre("$r2"));
    EXPECT_THAT(ids(this->t_.run(this->store_->reactions(2, "$t", "@a:hs"))), ElementsAre("$r1"));
    const auto one = this->t_.run(this->store_->reaction(1, "$r3"));
    ASSERT_TRUE(one && *one);
    EXPECT_EQ((*one)->emoji, "👍");
    EXPECT_EQ((*one)->who, "@b:hs");
    EXPECT_EQ((*one)->target, "$t");
    EXPECT_FALSE(*this->t_.run(this->store_->reaction(1, "$r1")));
}

TYPED_TEST(StoreContract, KeepsNotes)
{
    EXPECT_EQ(*this->t_.run(this->store_->note("k")), "");
    this->commit(changes(put_note{"k", "1"}, put_note{"k", "2"}, put_note{"other", "3"}));
    EXPECT_EQ(*this->t_.run(this->store_->note("k")), "2");
    this->commit(changes(put_note{"k", ""}));
    EXPECT_EQ(*this->t_.run(this->store_->note("k")), "");
    EXPECT_EQ(*this->t_.run(this->store_->note("other")), "3");
}

TYPED_TEST(StoreContract, TakesACommitOfNothing) { EXPECT_THAT(this->commit({}), ElementsAre()); }

TYPED_TEST(StoreContract, DoesWhatWasAskedAtOnceInTheOrderOfAsking)
{
    std::vector<std::int64_t> seen;
    for (int i = 0; i < 50; ++i)
        this->t_.spawn(
            this->store_->commit(changes(put_item{from_far("f" + std::to_string(i))})),
            [&](auto done) {
                ASSERT_TRUE(done);
                seen.push_back(done->front());
            }
        );
    this->t_.run_all();
    ASSERT_EQ(seen.size(), 50U);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(this->find(side::far, "f49"), seen.back());
}

}  // namespace
}  // namespace rialto::sqlite_contract_test
